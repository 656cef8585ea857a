/** One immutable sorted file, open for reading: index and bloom filter in memory, blocks from the cache or the disk. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Cell } from '../cell/cell.js';
import { decodeCells } from '../cell/codec.js';
import { CorruptFileError } from '../errors.js';
import type { BlockCache } from './block-cache.js';
import { BloomFilter } from './bloom.js';
import { type BlockPointer, checkedBytes, decodeIndex, decodeTrailer, type Trailer, TRAILER_BYTES } from './layout.js';

export class StoreFile {
  /** Invariant: positive while the region or a scan reads it. */
  private readers = 1;
  private removeWhenUnused = false;

  private constructor(
    readonly path: string,
    readonly name: string,
    readonly bytes: number,
    private readonly handle: FileHandle,
    private readonly cache: BlockCache,
    private readonly index: readonly BlockPointer[],
    private readonly bloom: BloomFilter,
    readonly trailer: Trailer,
  ) {}

  /** @throws CorruptFileError when trailer, index or bloom filter are not what was written */
  static async open(folder: string, name: string, cache: BlockCache): Promise<StoreFile> {
    const path = `${folder}/${name}`;
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      const end = Math.max(0, size - TRAILER_BYTES);
      const trailer = await part(handle, path, end, size - end, decodeTrailer);
      const { bloomOffset, indexOffset } = trailer;
      const bloom = await part(handle, path, bloomOffset, indexOffset - bloomOffset, checkedBytes);
      const index = await part(handle, path, indexOffset, end - indexOffset, decodeIndex);
      return new StoreFile(path, name, size, handle, cache, index, new BloomFilter(bloom), trailer);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  mayHold(row: Buffer): boolean {
    return this.bloom.mayHold(row);
  }

  /** A row in its middle, to split by; null when all lies in one block. */
  get middleRow(): Buffer | null {
    return this.index.length < 2 ? null : (this.index[this.index.length >>> 1]?.first.row ?? null);
  }

  retain(): void {
    this.readers += 1;
  }

  async release(): Promise<void> {
    this.readers -= 1;
    if (this.readers > 0) return;
    await this.handle.close();
    if (this.removeWhenUnused) await rm(this.path, { force: true });
  }

  /** Its content is in another file: it goes when the last scan has. */
  async retire(): Promise<void> {
    this.removeWhenUnused = true;
    await this.release();
  }

  /** Index of the only block in which `row` can be: the last one that does not begin behind it. */
  blockOf(row: Buffer): number {
    let [low, high] = [0, this.index.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.index[middle]!.first.row, row) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** @returns null behind the last; a promise only when the disk has to be asked */
  block(number: number): readonly Cell[] | null | Promise<readonly Cell[]> {
    const pointer = this.index[number];
    if (pointer === undefined) return null;
    return this.cache.get(this.path, pointer.offset) ?? this.readBlock(pointer);
  }

  private async readBlock({ offset, bytes }: BlockPointer): Promise<readonly Cell[]> {
    const cells = await part(this.handle, this.path, offset, bytes, (read) => decodeCells(checkedBytes(read)));
    this.cache.put(this.path, offset, cells, bytes);
    return cells;
  }
}

async function part<T>(
  handle: FileHandle,
  path: string,
  offset: number,
  length: number,
  decode: (bytes: Buffer) => T,
): Promise<T> {
  if (!(length >= 0 && length <= 0x7fffffff))
    throw new CorruptFileError(path, offset, `expected a length, got ${length}`);
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw new CorruptFileError(path, offset, `expected ${length} bytes, got ${done}`);
    done += bytesRead;
  }
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new CorruptFileError(path, offset, error.message);
    throw error;
  }
}
