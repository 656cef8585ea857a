/**
 * The words in which messages are described: a message is a `struct` of fields, and a field says since which version it
 * is there. One description reads and writes every version, plain and flexible (KIP-482), on both ends.
 */
import { KafkaDecodeError } from '../errors.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** Which version of a message is on the wire. */
export interface Wire {
  readonly version: number;
  /** Compact lengths, and tagged fields behind every struct. */
  readonly flexible: boolean;
}

export interface Codec<T> {
  read(reader: Reader, wire: Wire): T;
  write(writer: Writer, value: T, wire: Wire): void;
}

/** The type that a codec reads and writes. */
export type Value<C> = C extends Codec<infer T> ? T : never;

/** More unknown tags than this in one struct is an attack, not a newer client. */
const MAX_TAGS = 64;

export const int8: Codec<number> = { read: (r) => r.int8(), write: (w, v) => w.int8(v) };
export const int16: Codec<number> = { read: (r) => r.int16(), write: (w, v) => w.int16(v) };
export const int32: Codec<number> = { read: (r) => r.int32(), write: (w, v) => w.int32(v) };
export const int64: Codec<number> = { read: (r) => r.int64(), write: (w, v) => w.int64(v) };
export const boolean: Codec<boolean> = { read: (r) => r.boolean(), write: (w, v) => w.boolean(v) };

/** -1 stands for null. Compact lengths are one more than the length, 0 for null. */
function readLength(reader: Reader, wire: Wire, plain: 'int16' | 'int32'): number {
  return wire.flexible ? reader.unsignedVarint() - 1 : reader[plain]();
}

function writeLength(writer: Writer, length: number, wire: Wire, plain: 'int16' | 'int32'): void {
  if (wire.flexible) writer.unsignedVarint(length + 1);
  else writer[plain](length);
}

export const nullableString: Codec<string | null> = {
  read(reader, wire) {
    const length = readLength(reader, wire, 'int16');
    return length < 0 ? null : reader.text(length);
  },
  write(writer, value, wire) {
    const length = value === null ? -1 : Buffer.byteLength(value);
    writeLength(writer, length, wire, 'int16');
    if (value !== null) writer.text(value, length);
  },
};

export const string: Codec<string> = {
  read(reader, wire) {
    const text = nullableString.read(reader, wire);
    if (text === null) throw new KafkaDecodeError('expected a string, got null');
    return text;
  },
  write: (writer, value, wire) => nullableString.write(writer, value, wire),
};

export const nullableBytes: Codec<Buffer | null> = {
  read(reader, wire) {
    const length = readLength(reader, wire, 'int32');
    return length < 0 ? null : reader.bytes(length);
  },
  write(writer, value, wire) {
    writeLength(writer, value === null ? -1 : value.length, wire, 'int32');
    if (value !== null) writer.bytes(value);
  },
};

/** Null is read as nothing, as Kafka does. */
export const bytes: Codec<Buffer> = {
  read: (reader, wire) => nullableBytes.read(reader, wire) ?? Buffer.alloc(0),
  write: (writer, value, wire) => nullableBytes.write(writer, value, wire),
};

/** Records whose parts are gathered by the write, not joined in memory. */
export const records: Codec<readonly Buffer[] | null> = {
  read(reader, wire) {
    const all = nullableBytes.read(reader, wire);
    return all === null ? null : [all];
  },
  write(writer, value, wire) {
    if (value === null) return writeLength(writer, -1, wire, 'int32');
    let length = 0;
    for (const part of value) length += part.length;
    writeLength(writer, length, wire, 'int32');
    for (const part of value) writer.bytes(part);
  },
};

export function nullableArray<T>(item: Codec<T>): Codec<readonly T[] | null> {
  return {
    read(reader, wire) {
      const count = readLength(reader, wire, 'int32');
      if (count < 0) return null;
      // An element takes a byte at least, so that a count alone can not make us allocate.
      if (count > reader.remaining)
        throw new KafkaDecodeError(`expected ${count} elements, got ${reader.remaining} bytes`);
      const items: T[] = [];
      for (let index = 0; index < count; index++) items.push(item.read(reader, wire));
      return items;
    },
    write(writer, value, wire) {
      writeLength(writer, value === null ? -1 : value.length, wire, 'int32');
      if (value !== null) for (const each of value) item.write(writer, each, wire);
    },
  };
}

/** Null is read as no elements, as Kafka's own parser takes it for most fields. */
export function array<T>(item: Codec<T>): Codec<readonly T[]> {
  const inner = nullableArray(item);
  return {
    read: (reader, wire) => inner.read(reader, wire) ?? [],
    write: (writer, value, wire) => inner.write(writer, value, wire),
  };
}

/** A field of the versions `from` to `to`; in others it reads as `absent` and is not written. */
export function between<T>(from: number, to: number, codec: Codec<T>, absent: T): Codec<T> {
  const there = ({ version }: Wire) => version >= from && version <= to;
  return {
    read: (reader, wire) => (there(wire) ? codec.read(reader, wire) : absent),
    write(writer, value, wire) {
      if (there(wire)) codec.write(writer, value, wire);
    },
  };
}

export const since = <T>(from: number, codec: Codec<T>, absent: T): Codec<T> =>
  between(from, Number.MAX_SAFE_INTEGER, codec, absent);

/** Reads and passes over the tagged fields that end every flexible struct: we know none. */
export function skipTags(reader: Reader): void {
  const count = reader.unsignedVarint();
  if (count > MAX_TAGS) throw new KafkaDecodeError(`expected at most ${MAX_TAGS} tagged fields, got ${count}`);
  for (let index = 0; index < count; index++) {
    reader.unsignedVarint();
    reader.skip(reader.unsignedVarint());
  }
}

type Fields = Readonly<Record<string, Codec<unknown>>>;

/** Fields in the order in which they are on the wire. */
export function struct<F extends Fields>(fields: F): Codec<{ readonly [K in keyof F]: Value<F[K]> }> {
  type Struct = { readonly [K in keyof F]: Value<F[K]> };
  const entries = Object.entries(fields);
  return {
    read(reader, wire) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.read(reader, wire);
      if (wire.flexible) skipTags(reader);
      return value as Struct;
    },
    write(writer, value, wire) {
      for (const [name, codec] of entries) codec.write(writer, value[name], wire);
      if (wire.flexible) writer.unsignedVarint(0);
    },
  };
}
