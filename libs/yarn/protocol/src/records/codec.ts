/** Bytes to plain objects and back, with a clear error for a znode that is not what it should be. */
import type protobuf from 'protobufjs/light.js';
import { YarnRecordError } from '../errors.js';

/** A decoded message: fields that were not in the bytes are absent; int64 is a decimal string, enums are names. */
export type Plain = Readonly<Record<string, unknown>>;

export function encodeMessage(type: protobuf.Type, value: Plain): Buffer {
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

/** @throws YarnRecordError `YARN_BAD_RECORD` when the bytes are no such message. */
export function decodeMessage(type: protobuf.Type, bytes: Uint8Array, where: string): Plain {
  try {
    return type.toObject(type.decode(bytes), { longs: String, enums: String, bytes: Buffer });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new YarnRecordError(
      'YARN_BAD_RECORD',
      `${where}: expected ${type.name}, got ${bytes.length} bytes: ${why}`,
      cause,
    );
  }
}

/** Reads fields of a decoded message, naming the place and the field when one is missing or of the wrong kind. */
export class FieldReader {
  constructor(
    private readonly value: Plain,
    private readonly where: string,
  ) {}

  private bad(field: string, expected: string): never {
    const got = JSON.stringify(this.value[field]) ?? 'nothing';
    throw new YarnRecordError('YARN_BAD_RECORD', `${this.where}: field ${field}: expected ${expected}, got ${got}`);
  }

  text(field: string, standard?: string): string {
    const value = this.value[field] ?? standard;
    return typeof value === 'string' ? value : this.bad(field, 'text');
  }

  bytes(field: string): Buffer {
    const value = this.value[field];
    return Buffer.isBuffer(value) ? value : this.bad(field, 'bytes');
  }

  flag(field: string, standard: boolean): boolean {
    const value = this.value[field] ?? standard;
    return typeof value === 'boolean' ? value : this.bad(field, 'true or false');
  }

  /** An int32, or an int64 that a double can hold exactly. */
  number(field: string, standard?: number): number {
    const value = Number(this.value[field] ?? standard);
    return Number.isSafeInteger(value) ? value : this.bad(field, 'a whole number below 2^53');
  }

  bigint(field: string): bigint {
    const value = this.value[field];
    return typeof value === 'string' || typeof value === 'number' ? BigInt(value) : this.bad(field, 'a number');
  }

  texts(field: string): readonly string[] {
    const value = this.value[field] ?? [];
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : this.bad(field, 'texts');
  }

  message(field: string): FieldReader {
    return this.optional(field) ?? this.bad(field, 'a message');
  }

  optional(field: string): FieldReader | null {
    const value = this.value[field];
    if (value === undefined) return null;
    if (typeof value !== 'object' || value === null) this.bad(field, 'a message');
    return new FieldReader(value as Plain, `${this.where}.${field}`);
  }

  messages(field: string): readonly FieldReader[] {
    const value = this.value[field] ?? [];
    if (!Array.isArray(value)) this.bad(field, 'messages');
    return value.map((one: Plain, index) => new FieldReader(one, `${this.where}.${field}[${index}]`));
  }

  has(field: string): boolean {
    return this.value[field] !== undefined;
  }
}

/** The entry of a table which maps our names to the store's enum names, read backwards. */
export function enumFromStore<T extends string>(table: Readonly<Record<T, string>>, stored: string, where: string): T {
  for (const name of Object.keys(table) as T[]) if (table[name] === stored) return name;
  throw new YarnRecordError('YARN_BAD_RECORD', `${where}: ${stored} is not a state that is ever stored`);
}
