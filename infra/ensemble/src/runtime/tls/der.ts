/** As much of DER as it takes to read a name out of a certificate that OpenSSL has parsed already. */

const OID_TAG = 0x06;
const BMP_STRING = 0x1e;
const UNIVERSAL_STRING = 0x1c;
const UTF8_STRING = 0x0c;
/** Printable, T61, IA5, general. */
const LATIN_STRINGS: readonly number[] = [0x13, 0x14, 0x16, 0x1b];

export class DerValue {
  constructor(
    readonly tag: number,
    readonly content: Buffer,
    /** Tag and length included. */
    readonly encoded: Buffer,
  ) {}

  children(): DerValue[] {
    const found: DerValue[] = [];
    for (let at = 0; at < this.content.length; at += found.at(-1)!.encoded.length) {
      found.push(readDer(this.content.subarray(at)));
    }
    return found;
  }

  oid(): string {
    if (this.tag !== OID_TAG) throw new RangeError(`expected an object identifier, found tag ${this.tag}`);
    const numbers: number[] = [];
    let number = 0;
    for (const byte of this.content) {
      number = number * 128 + (byte & 0x7f);
      if ((byte & 0x80) !== 0) continue;
      if (numbers.length === 0) {
        const first = Math.min(Math.floor(number / 40), 2);
        numbers.push(first, number - 40 * first);
      } else numbers.push(number);
      number = 0;
    }
    return numbers.join('.');
  }

  /** Null if it is no string. */
  text(): string | null {
    if (this.tag === UTF8_STRING) return this.content.toString('utf8');
    if (LATIN_STRINGS.includes(this.tag)) return this.content.toString('latin1');
    if (this.tag === BMP_STRING) return Buffer.from(this.content).swap16().toString('utf16le');
    if (this.tag !== UNIVERSAL_STRING) return null;
    let text = '';
    for (let at = 0; at + 4 <= this.content.length; at += 4) {
      text += String.fromCodePoint(this.content.readUInt32BE(at));
    }
    return text;
  }
}

/** @throws RangeError for bytes that end too soon */
export function readDer(bytes: Buffer): DerValue {
  let length = bytes.readUInt8(1);
  let at = 2;
  if (length > 0x80) {
    const count = length - 0x80;
    length = bytes.readUIntBE(at, count);
    at += count;
  }
  if (at + length > bytes.length) throw new RangeError(`expected ${at + length} bytes, found ${bytes.length}`);
  return new DerValue(bytes.readUInt8(0), bytes.subarray(at, at + length), bytes.subarray(0, at + length));
}
