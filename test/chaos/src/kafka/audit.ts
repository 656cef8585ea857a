/** Reads a topic along, from its beginning, and keeps what stands at which offset: how often it is told so does not matter. */
import { CommittedReader } from '@menagerie/kafka-testing';

import { PARTITIONS } from './cluster.js';

interface Entry {
  readonly number: number;
  readonly producer: string;
}

export class Audit {
  private readonly byOffset = PARTITIONS.map(() => new Map<number, Entry>());
  private readonly reader: CommittedReader;
  /** An offset that held one number and later another: nothing committed ever changes. */
  readonly changed: string[] = [];

  /** @param topic read as committed */
  constructor(bootstrap: readonly string[], topic: string) {
    this.reader = new CommittedReader(bootstrap, topic, PARTITIONS, ({ partition, offset, record, producer }) =>
      this.note(partition, offset, { number: Number(record.value?.toString()), producer }),
    );
  }

  private note(partition: number, offset: number, entry: Entry): void {
    const known = this.byOffset[partition]!.get(offset);
    if (known !== undefined && known.number !== entry.number) {
      this.changed.push(`offset ${offset} of partition ${partition}: ${known.number}, then ${entry.number}`);
    }
    this.byOffset[partition]!.set(offset, entry);
  }

  get total(): number {
    return this.byOffset.reduce((sum, found) => sum + found.size, 0);
  }

  /** The numbers of each partition in the order of the log. */
  get numbers(): readonly (readonly number[])[] {
    return this.byOffset.map((found) => [...found].sort(([a], [b]) => a - b).map(([, { number }]) => number));
  }

  /** Where a number stands, and who wrote it: what explains one that is there twice. */
  placesOf(partition: number, number: number): string {
    const found = [...this.byOffset[partition]!].filter(([, entry]) => entry.number === number);
    return found.map(([offset, { producer }]) => `offset ${offset} by producer ${producer}`).join(', ');
  }

  async close(): Promise<void> {
    await this.reader.close();
  }
}
