// @ts-check
import { Message, field, integerField, joined } from "./protobuf.js";

/**
 * Chat as LiveKit's clients write it inside a DataPacket: a text stream (`stream_header` = 13, `stream_chunk` = 14,
 * `stream_trailer` = 15) on the topic `lk.chat`, or the older ChatMessage (`chat_message` = 9) in one piece.
 */

export const chatTopic = "lk.chat";
/** Bytes of text in one chunk, as LiveKit's SDKs cut it. */
const chunkSize = 15_000;

/**
 * @typedef {object} ChatPart one packet's share of a chat message
 * @property {"message" | "header" | "chunk" | "trailer"} kind
 * @property {string} identity who sent it; empty when the server did
 * @property {string} id of the message, or of the stream, which are the same
 * @property {number} [timestamp] milliseconds since 1970
 * @property {string} [text] of a message in one piece
 * @property {boolean} [isDeleted]
 * @property {string} [topic] of a header
 * @property {Uint8Array} [content] of a chunk, or of a header that holds everything
 * @property {Record<string, string>} [attributes]
 */

/**
 * @param {{id: string, timestamp: number, text: string}} message
 * @returns {Uint8Array<ArrayBuffer>[]} the packets of a text stream, to be sent in this order
 */
export function encodeTextStream({ id, timestamp, text }) {
  const content = new TextEncoder().encode(text);
  const header = [
    field(1, id), integerField(2, timestamp), field(3, chatTopic), field(4, "text/plain"),
    integerField(5, content.length), field(9, new Uint8Array()),
  ];
  const packets = [field(13, joined(header))];
  for (let index = 0; index * chunkSize < content.length; index += 1) {
    const piece = content.subarray(index * chunkSize, (index + 1) * chunkSize);
    packets.push(field(14, joined([field(1, id), integerField(2, index), field(3, piece)])));
  }
  packets.push(field(15, field(1, id)));
  return packets;
}

/**
 * @param {{id: string, timestamp: number, text: string}} message
 * @returns {Uint8Array<ArrayBuffer>} a ChatMessage in its packet
 */
export function encodeChatMessage({ id, timestamp, text }) {
  return field(9, joined([field(1, id), integerField(2, timestamp), field(4, text)]));
}

/**
 * @param {Uint8Array} bytes a DataPacket
 * @returns {ChatPart | undefined} nothing when it carries something else, or is broken
 */
export function decodeChatPacket(bytes) {
  const packet = new Message(bytes);
  const identity = packet.text(4);
  const message = packet.message(9);
  if (message) {
    return {
      kind: "message", identity, id: message.text(1), timestamp: message.integer(2), text: message.text(4),
      isDeleted: message.integer(5) === 1,
    };
  }
  const header = packet.message(13);
  if (header) {
    const isReadable = header.has(9) && header.integer(12) === 0;
    if (!isReadable) return undefined;
    return {
      kind: "header", identity, id: header.text(1), timestamp: header.integer(2), topic: header.text(3),
      content: header.bytes(11),
    };
  }
  const chunk = packet.message(14);
  if (chunk) return { kind: "chunk", identity, id: chunk.text(1), content: chunk.bytes(3) ?? new Uint8Array() };
  const trailer = packet.message(15);
  if (trailer) return { kind: "trailer", identity, id: trailer.text(1) };
  return undefined;
}
