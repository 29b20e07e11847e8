// @ts-check
import { Message, field, integerField, joined } from "./protobuf.js";

/**
 * Data messages between participants: DataPacket (`kind` = 1, `user` = 2, `participant_identity` = 4,
 * `destination_identities` = 5) with a UserPacket inside (`payload` = 2, `topic` = 4). What else a DataPacket may
 * carry is skipped here; chat is in chat-packets.js.
 */

/**
 * @typedef {object} UserMessage
 * @property {Uint8Array} payload
 * @property {string} topic
 * @property {string} identity who sent it; empty when the server did
 */

/**
 * @param {Uint8Array} payload
 * @param {{to?: string[], topic?: string, reliable?: boolean}} [options]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeUserPacket(payload, { to = [], topic = "", reliable = true } = {}) {
  const user = [field(2, payload)];
  if (topic) user.push(field(4, topic));
  const packet = reliable ? [] : [integerField(1, 1)];
  packet.push(field(2, joined(user)), ...to.map((identity) => field(5, identity)));
  return joined(packet);
}

/**
 * @param {Uint8Array} bytes
 * @returns {UserMessage | undefined} nothing when it carries something else, or is broken
 */
export function decodeUserPacket(bytes) {
  const packet = new Message(bytes);
  const user = packet.message(2);
  if (!user) return undefined;
  return {
    payload: user.bytes(2) ?? new Uint8Array(),
    topic: user.text(4),
    identity: packet.text(4) || user.text(5),
  };
}
