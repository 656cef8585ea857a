/** Blocks that were read lately, decoded, for all regions of a server; the longest unused go first. */
import { LRUCache } from 'lru-cache';
import type { Cell } from '../cell/cell.js';

const DEFAULT_BYTES = 64 * 1_048_576;

export class BlockCache {
  private readonly blocks: LRUCache<string, readonly Cell[]>;
  private sizes = { hits: 0, misses: 0 };

  constructor(maxBytes: number = DEFAULT_BYTES) {
    this.blocks = new LRUCache({ maxSize: maxBytes });
  }

  get counts(): { readonly hits: number; readonly misses: number; readonly bytes: number } {
    return { ...this.sizes, bytes: this.blocks.calculatedSize };
  }

  get(file: string, offset: number): readonly Cell[] | undefined {
    const found = this.blocks.get(`${file}#${offset}`);
    this.sizes[found === undefined ? 'misses' : 'hits'] += 1;
    return found;
  }

  /** @param bytes of the block on disk, which its cells are views of */
  put(file: string, offset: number, cells: readonly Cell[], bytes: number): void {
    this.blocks.set(`${file}#${offset}`, cells, { size: bytes + cells.length * 100 });
  }
}
