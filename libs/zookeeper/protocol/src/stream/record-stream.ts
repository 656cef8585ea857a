/**
 * Reads records that follow each other with no length in front, from chunks of any size: a record is tried, and tried
 * again once the bytes it lacked are there.
 */
import { JuteError } from '../errors.js';
import { JuteReader } from '../jute/reader.js';
import { ByteWindow } from './byte-window.js';

/** Each field has its limit; a record is a few fields and lists of small ones, so it has this many times as much. */
const RECORD_LIMIT_FIELDS = 4;

export class RecordStream {
  private readonly window = new ByteWindow();
  private readonly reader: JuteReader;
  /** How much the window must hold before the next try is worth it. */
  private neededBytes = 0;
  /** Up to here in the window bytes were given to `takeConsumed`. Invariant: taken <= reader.offset. */
  private taken = 0;
  private consumedBefore = 0;

  constructor(readonly maxFieldBytes: number) {
    this.reader = new JuteReader(Buffer.alloc(0), maxFieldBytes);
  }

  /** Bytes of all records decoded so far; what was taken with `takeRest` does not count. */
  get offset(): number {
    return this.consumedBefore + this.reader.offset;
  }

  push(chunk: Buffer): void {
    this.dropConsumed();
    this.window.append(chunk);
    this.reader.reset(this.window.view());
  }

  /** The next record, or null while it is incomplete; `decode` must not return null itself and may be run again. */
  next<T extends NonNullable<unknown>>(decode: (reader: JuteReader) => T): T | null {
    const { reader } = this;
    if (reader.remaining === 0 || reader.remaining < this.neededBytes) return null;
    const start = reader.offset;
    try {
      const record = decode(reader);
      this.neededBytes = 0;
      return record;
    } catch (error) {
      // Whatever it was, the record is not decoded: the stream stands in front of it again.
      reader.reset(this.window.view(), start);
      if (!(error instanceof JuteError) || error.code !== 'ZK_JUTE_TRUNCATED') throw error;
      this.neededBytes = reader.remaining + error.missingBytes;
      const limit = RECORD_LIMIT_FIELDS * this.maxFieldBytes;
      if (this.neededBytes > limit) {
        throw new JuteError('ZK_JUTE_LENGTH', `expected a record of at most ${limit} bytes, it is longer`, start);
      }
      return null;
    }
  }

  /** The bytes of the records decoded since the last call or push, as a view: what a checksum has to be told. */
  takeConsumed(): Buffer {
    const bytes = this.window.view().subarray(this.taken, this.reader.offset);
    this.taken = this.reader.offset;
    return bytes;
  }

  /** Everything that is not decoded, as a view; the stream is empty afterwards. */
  takeRest(): Buffer {
    this.dropConsumed();
    const rest = this.window.view();
    this.window.consume(rest.length);
    this.reader.reset(this.window.view());
    return rest;
  }

  private dropConsumed(): void {
    this.window.consume(this.reader.offset);
    this.consumedBefore += this.reader.offset;
    this.reader.reset(this.window.view());
    this.taken = 0;
  }
}
