/** JSON as it stands in Kafka's znodes, checked for what is read of it and tolerant of what later versions add. */
import { ZnodeError } from '../errors.js';

export type Json = Readonly<Record<string, unknown>>;

export const encodeJson = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** Reads fields of one znode; each says what it expected when it is not there. */
export class JsonNode {
  private readonly json: Json;

  /** @throws ZnodeError when the data is no JSON object */
  constructor(
    private readonly path: string,
    private readonly data: Buffer,
  ) {
    let json: unknown;
    try {
      json = JSON.parse(data.toString('utf8'));
    } catch {
      throw this.wrong('a JSON object');
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw this.wrong('a JSON object');
    this.json = json as Json;
  }

  wrong(expected: string): ZnodeError {
    return new ZnodeError(this.path, expected, this.data);
  }

  get(name: string): unknown {
    return this.json[name];
  }

  /** A whole number, which old versions wrote as text. */
  int(name: string): number {
    const value = this.json[name];
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw this.wrong(`a whole number in "${name}"`);
    return number;
  }

  optionalInt(name: string): number | null {
    return this.json[name] === undefined || this.json[name] === null ? null : this.int(name);
  }

  text(name: string): string {
    const value = this.json[name];
    if (typeof value !== 'string') throw this.wrong(`text in "${name}"`);
    return value;
  }

  optionalText(name: string): string | null {
    const value = this.json[name];
    return typeof value === 'string' ? value : null;
  }

  ints(name: string): readonly number[] {
    return this.checkInts(this.json[name] ?? [], name);
  }

  texts(name: string): readonly string[] {
    const value = this.json[name] ?? [];
    if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) throw this.wrong(`texts in "${name}"`);
    return value as string[];
  }

  /** Partition numbers to broker ids. */
  assignments(name: string): ReadonlyMap<number, readonly number[]> {
    const value = this.json[name] ?? {};
    if (typeof value !== 'object' || value === null) throw this.wrong(`partitions in "${name}"`);
    return new Map(
      Object.entries(value).map(([partition, replicas]) => {
        if (!/^\d{1,9}$/.test(partition)) throw this.wrong(`partition numbers in "${name}"`);
        return [Number(partition), this.checkInts(replicas, name)];
      }),
    );
  }

  textMap(name: string): Readonly<Record<string, string>> {
    const value = this.json[name] ?? {};
    if (typeof value !== 'object' || value === null) throw this.wrong(`an object in "${name}"`);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
  }

  objects(name: string): readonly JsonNode[] {
    const value = this.json[name] ?? [];
    if (!Array.isArray(value)) throw this.wrong(`a list in "${name}"`);
    return value.map((each) => new JsonNode(`${this.path} "${name}"`, encodeJson(each as object)));
  }

  private checkInts(value: unknown, name: string): readonly number[] {
    if (!Array.isArray(value) || value.some((each) => !Number.isSafeInteger(each))) {
      throw this.wrong(`whole numbers in "${name}"`);
    }
    return value as number[];
  }
}
