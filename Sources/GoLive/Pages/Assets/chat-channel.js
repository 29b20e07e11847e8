// @ts-check
import { decodeChatPacket, encodeTextStream } from "./chat-packets.js";
import { Emitter } from "./events.js";
import { TextStreams } from "./text-streams.js";

/** The topic on which the server itself speaks about chat. */
const serverTopic = "golive.chat";

/**
 * A room's chat over its data channel. Senders do not hear their own messages; what the server has against one it says.
 *
 * Events:
 * - `message` `{id, identity, username, name, text, sentAt}` of others, again under its id when its text was changed; `sentAt` is
 *   when it came, in milliseconds since 1970
 * - `refused` `{id, code, message, retryAfter?}` (seconds) · `held` `{id, delay}` (milliseconds) about one's own
 * - `deleted` `{id}` for everyone
 */
export class ChatChannel extends Emitter {
  #streams = new TextStreams();
  /** What is being sent: messages leave one after another, for the server follows only a few of a sender at a time. */
  #sending = Promise.resolve();

  /** @param {import("./golive-client.js").GoLiveRoom} room */
  constructor(room) {
    super();
    this.room = room;
    this.off = [
      room.on("packet", ({ bytes, reliable }) => reliable && this.#receive(bytes)),
      room.on("data", (message) => this.#hear(message)),
    ];
  }

  /**
   * @param {string} text
   * @returns {{id: string, sentAt: number, sent: Promise<void>}} `sent` settles when it has left, not when it was accepted
   */
  send(text) {
    const id = newID();
    const sentAt = this.#now();
    const packets = encodeTextStream({ id, timestamp: Date.now(), text });
    const sent = this.#sending.then(async () => {
      for (const packet of packets) await this.room.sendPacket(packet);
    });
    this.#sending = sent.catch(() => {});
    return { id, sentAt, sent };
  }

  close() {
    this.off.forEach((remove) => remove());
  }

  /** @param {Uint8Array} bytes */
  #receive(bytes) {
    const part = decodeChatPacket(bytes);
    if (!part) return;
    if (part.kind === "message" && part.isDeleted) {
      this.emit("deleted", { id: part.id });
      return;
    }
    const message = part.kind === "message" ? part : this.#streams.add(part);
    if (!message?.id || !message.text) return;
    const { id, identity, text } = message;
    const sender = this.room.participants.find((participant) => participant.identity === identity);
    const username = sender?.attributes.username;
    this.emit("message", { id, identity, username, text, name: sender?.name || identity, sentAt: this.#now() });
  }

  /** By the server's clock, as the history has it: senders' clocks are their own. */
  #now() {
    return Date.now() + (this.room.clockOffset ?? 0);
  }

  /** @param {{payload: Uint8Array, topic: string, identity: string}} message */
  #hear({ payload, topic, identity }) {
    // Anyone may use a topic; only the server speaks without an identity.
    if (topic !== serverTopic || identity) return;
    try {
      const { type, ...detail } = JSON.parse(new TextDecoder().decode(payload));
      if (["refused", "held", "deleted"].includes(type)) this.emit(type, detail);
    } catch {
      // What cannot be read says nothing.
    }
  }
}

/** Random enough to name a message; `crypto.randomUUID` is not there on pages without HTTPS. */
function newID() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
