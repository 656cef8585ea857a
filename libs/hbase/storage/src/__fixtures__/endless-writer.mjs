/** Writes rows until it is killed, several at a time, and says on its standard output which were acknowledged. */
import { BlockCache, Region, Wal } from '@menagerie/hbase-storage';

const [walFolder, archive, folder] = process.argv.slice(2);
const log = await Wal.create({ folder: walFolder, archive, rollBytes: 20_000 });
const cache = new BlockCache();
const region = await Region.open({ name: 'r1', folder, log, cache, now: Date.now, flushBytes: 30_000 });
const column = (name) => Buffer.from(`f:${name}`);
let next = 0;
const write = async () => {
  for (;;) {
    const number = next++;
    const puts = ['a', 'b'].map((name) => ({ column: column(name), value: Buffer.from(`${number}`) }));
    await region.mutate({ row: Buffer.from(`row-${String(number).padStart(9, '0')}`), puts });
    process.stdout.write(`${number}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, write));
