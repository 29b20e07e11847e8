// @ts-check
/** Protobuf's wire format, as far as the data messages need it: varints and length-delimited fields. */

const utf8 = new TextEncoder();
const text = new TextDecoder();
const lengthDelimited = 2;

/** A message as it came: the last value of each field. Reading ends at the first broken byte and never throws. */
export class Message {
  /** @type {Map<number, Uint8Array | number>} */
  #fields = new Map();

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    for (const [number, value] of fields(bytes)) this.#fields.set(number, value);
  }

  /** @param {number} number */
  has(number) {
    return this.#fields.has(number);
  }

  /**
   * @param {number} number
   * @returns {Uint8Array | undefined}
   */
  bytes(number) {
    const value = this.#fields.get(number);
    return value instanceof Uint8Array ? value : undefined;
  }

  /**
   * A member that is itself a message.
   * @param {number} number
   */
  message(number) {
    const bytes = this.bytes(number);
    return bytes && new Message(bytes);
  }

  /** @param {number} number */
  text(number) {
    const bytes = this.bytes(number);
    return bytes ? text.decode(bytes) : "";
  }

  /** @param {number} number */
  integer(number) {
    const value = this.#fields.get(number);
    return typeof value === "number" ? value : 0;
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<[number, Uint8Array | number]>} fixed-width fields are passed over
 */
function* fields(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 70 && at < bytes.length; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    at = bytes.length + 1;
    return 0;
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key & 7) {
      case 0: {
        const value = varint();
        if (at > bytes.length) return;
        yield [number, value];
        break;
      }
      case 1:
        at += 8;
        break;
      case lengthDelimited: {
        const length = varint();
        if (at + length > bytes.length) return;
        yield [number, bytes.subarray(at, at + length)];
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
 * A field of bytes, of text, or of an inner message.
 * @param {number} number
 * @param {Uint8Array | string} value
 */
export function field(number, value) {
  const bytes = typeof value === "string" ? utf8.encode(value) : value;
  return joined([varint(number * 8 + lengthDelimited), varint(bytes.length), bytes]);
}

/**
 * @param {number} number
 * @param {number} value whole and not negative
 */
export function integerField(number, value) {
  return joined([varint(number * 8), varint(value)]);
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
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
