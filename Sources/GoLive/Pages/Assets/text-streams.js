// @ts-check
import { chatTopic } from "./chat-packets.js";
import { joined } from "./protobuf.js";

/** Streams that are open at once; the oldest gives way. */
const streamCap = 64;
/** Bytes of one message, far more than the server lets through. */
const lengthCap = 16_384;

/**
 * Puts chat text together from the pieces it travels in. Streams of two senders never mix, even under one id.
 */
export class TextStreams {
  /** @type {Map<string, {identity: string, id: string, timestamp: number, pieces: Uint8Array[], length: number}>} */
  #open = new Map();

  /**
   * @param {import("./chat-packets.js").ChatPart} part
   * @returns {{identity: string, id: string, timestamp: number, text: string} | undefined} a message that is whole now
   */
  add(part) {
    const { kind, identity, id, timestamp = 0, content } = part;
    const key = JSON.stringify([identity, id]);
    if (kind === "header") {
      if (part.topic !== chatTopic) return undefined;
      if (content) return whole({ identity, id, timestamp, pieces: [content] });
      this.#open.delete(key);
      this.#open.set(key, { identity, id, timestamp, pieces: [], length: 0 });
      if (this.#open.size > streamCap) this.#open.delete(this.#open.keys().next().value ?? "");
      return undefined;
    }
    const stream = this.#open.get(key);
    if (!stream) return undefined;
    if (kind === "trailer") {
      this.#open.delete(key);
      return whole(stream);
    }
    stream.length += content?.length ?? 0;
    if (stream.length > lengthCap) this.#open.delete(key);
    else if (content) stream.pieces.push(content.slice());
    return undefined;
  }
}

/** @param {{identity: string, id: string, timestamp: number, pieces: Uint8Array[]}} stream */
function whole({ identity, id, timestamp, pieces }) {
  return { identity, id, timestamp, text: new TextDecoder().decode(joined(pieces)) };
}
