// @ts-check
/**
 * The two data messages that the client needs, in protobuf's wire format: DataPacket (`user` = 2,
 * `participant_identity` = 4, `destination_identities` = 5) with a UserPacket inside (`payload` = 2, `topic` = 4).
 * Everything else that a DataPacket may carry is skipped.
 */

const utf8 = new TextEncoder();
const text = new TextDecoder();
const lengthDelimited = 2;

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
  if (topic) user.push(field(4, utf8.encode(topic)));
  const packet = reliable ? [] : [Uint8Array.of(1 << 3, 1)];
  packet.push(field(2, joined(user)), ...to.map((identity) => field(5, utf8.encode(identity))));
  return joined(packet);
}

/**
 * @param {Uint8Array} bytes
 * @returns {UserMessage | undefined} nothing when it carries something else, or is broken
 */
export function decodeUserPacket(bytes) {
  let user;
  let identity = "";
  for (const [number, value] of fields(bytes)) {
    if (number === 2) user = value;
    if (number === 4) identity = text.decode(value);
  }
  if (!user) return undefined;
  const message = { payload: new Uint8Array(), topic: "", identity };
  for (const [number, value] of fields(user)) {
    if (number === 2) message.payload = value;
    if (number === 4) message.topic = text.decode(value);
    if (number === 5 && !message.identity) message.identity = text.decode(value);
  }
  return message;
}

/**
 * The length-delimited fields of a message; others are passed over. Ends at the first broken byte.
 * @param {Uint8Array} bytes
 * @returns {Generator<[number, Uint8Array]>}
 */
function* fields(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 64 && at < bytes.length; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    at = bytes.length + 1;
    return 0;
  };
  while (at < bytes.length) {
    const key = varint();
    switch (key & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case lengthDelimited: {
        const length = varint();
        if (at + length > bytes.length) return;
        yield [key >>> 3, bytes.subarray(at, at + length)];
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return;
    }
  }
}

/**
 * @param {number} number
 * @param {Uint8Array} value
 */
function field(number, value) {
  return joined([varint((number << 3) | lengthDelimited), varint(value.length), value]);
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value);
  return Uint8Array.from(bytes);
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
