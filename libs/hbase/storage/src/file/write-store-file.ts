/** Writes an immutable file from cells that come sorted. It is there as a whole, or under a name that nobody reads. */
import { open, rename, rm } from 'node:fs/promises';
import type { Cell } from '../cell/cell.js';
import { encodeCells, encodedBytes } from '../cell/codec.js';
import { syncFolder } from '../disk.js';
import { BloomFilter } from './bloom.js';
import { BLOCK_BYTES, type BlockPointer, encodeIndex, encodeTrailer, withCrc } from './layout.js';

/** @returns how many cells it holds; with none there is no file */
export async function writeStoreFile(
  folder: string,
  name: string,
  cells: AsyncIterable<Cell> | Iterable<Cell>,
): Promise<number> {
  const aside = `${folder}/${name}.tmp`;
  const handle = await open(aside, 'w', 0o640);
  let [offset, lastSeq, count, blockBytes] = [0, 0, 0, 0];
  let block: Cell[] = [];
  const pointers: BlockPointer[] = [];
  const rows: Buffer[] = [];
  const put = async (bytes: Buffer): Promise<void> => {
    for (let done = 0; done < bytes.length;) {
      done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    }
    offset += bytes.length;
  };
  const endBlock = async (): Promise<void> => {
    const [first] = block;
    if (first === undefined) return;
    const bytes = withCrc(encodeCells(block));
    pointers.push({ offset, bytes: bytes.length, first });
    await put(bytes);
    [block, blockBytes] = [[], 0];
  };
  try {
    for await (const cell of cells) {
      if (rows.at(-1)?.equals(cell.row) !== true) {
        // Only here: a row is never in two blocks, so that whoever wants one row depends on one block.
        if (blockBytes >= BLOCK_BYTES) await endBlock();
        rows.push(cell.row);
      }
      block.push(cell);
      blockBytes += encodedBytes(cell);
      lastSeq = Math.max(lastSeq, cell.seq);
      count += 1;
    }
    await endBlock();
    const bloomOffset = offset;
    await put(withCrc(BloomFilter.of(rows).bytes));
    const indexOffset = offset;
    await put(encodeIndex(pointers));
    await put(encodeTrailer({ bloomOffset, indexOffset, lastSeq, cells: count }));
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(aside, { force: true });
    throw error;
  }
  await handle.close();
  if (count === 0) await rm(aside, { force: true });
  else {
    await rename(aside, `${folder}/${name}`);
    await syncFolder(folder);
  }
  return count;
}
