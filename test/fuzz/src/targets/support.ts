/** What the targets share. */
import { isDeepStrictEqual } from 'node:util';
import { JuteReader, JuteWriter, ZkProtocolError } from '@menagerie/zookeeper-protocol';
import { check, refusing } from '../target.js';

/** What the decoders are told a field may be at most, so that what they take beyond it shows. */
export const MAX_FIELD_BYTES = 64 * 1024;

export const isProtocolError = (error: unknown): boolean => error instanceof ZkProtocolError;

export const protocol = <T>(decode: () => T): T => refusing(isProtocolError, decode);

/** A record type: both directions. Method syntax, so that codecs of different records fit one table. */
export interface Codec {
  encode(writer: JuteWriter, value: unknown): void;
  decode(reader: JuteReader): unknown;
}

export function codec<T>(encode: (writer: JuteWriter, value: T) => void, decode: (reader: JuteReader) => T): Codec {
  return { encode: (writer, value) => encode(writer, value as T), decode };
}

export function encoded(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  write(writer);
  return writer.toBuffer();
}

/** What was decoded, encoded and decoded again is the same. */
export function roundTrips({ encode, decode }: Codec, input: Buffer): void {
  const value = protocol(() => decode(new JuteReader(input, MAX_FIELD_BYTES)));
  const bytes = encoded((writer) => encode(writer, value));
  const again = decode(new JuteReader(bytes, MAX_FIELD_BYTES * 2));
  check(isDeepStrictEqual(again, value), `decode(encode(x)) is not x: ${show(value)} became ${show(again)}`);
}

/** However the bytes are cut into chunks, a stream decoder makes the same of them. */
export function sameInPieces<T>(input: Buffer, decode: (chunks: readonly Buffer[]) => T): T {
  const whole = outcome(() => decode([input]));
  for (const size of [1, 7, 1000]) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < input.length; at += size) chunks.push(Buffer.from(input.subarray(at, at + size)));
    const pieces = outcome(() => decode(chunks));
    check(isDeepStrictEqual(pieces, whole), `in chunks of ${size} it is ${show(pieces)}, in one ${show(whole)}`);
  }
  return protocol(() => decode([input]));
}

function outcome<T>(decode: () => T): unknown {
  try {
    return { value: decode() };
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    // Where the damage is seen depends on the chunks, what it is does not.
    return { refused: (error as ZkProtocolError).code };
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? '';
  return text.slice(0, 300);
}
