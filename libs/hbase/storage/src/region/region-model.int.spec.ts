/** A region against the obvious: a map. Any history of operations, flushes, compactions and deaths has to look like it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, bytes, plain, StorageRig } from '../__fixtures__/rig.js';
import type { Region } from './region.js';

type Model = Map<string, Map<string, string>>;
const rows = ['a', 'aa', 'b', 'c\u00ff', 'd'];
const columns = ['f:x', 'f:y', 'g:x'];

const row = fc.constantFrom(...rows);
const column = fc.constantFrom(...columns);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      row,
      values: fc.dictionary(column, fc.string({ maxLength: 5 }), { minKeys: 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deleteColumn' as const), row, column }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteRow' as const), row }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('check' as const), row, column, there: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('flush' as const, 'compact' as const, 'major' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('die' as const, 'restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('scan' as const), from: row, to: row }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const asObject = (model: Model): Record<string, Record<string, string>> =>
  Object.fromEntries(
    [...model].filter(([, found]) => found.size > 0).map(([key, found]) => [key, Object.fromEntries(found)]),
  );
const sorted = (model: Model): string[] =>
  [...model.keys()].filter((key) => model.get(key)!.size > 0).sort((a, b) => Buffer.compare(bytes(a), bytes(b)));

class World {
  private constructor(
    readonly rig: StorageRig,
    private region: Region,
    private wal: Awaited<ReturnType<StorageRig['startWal']>>,
  ) {}

  readonly model: Model = new Map();
  private readonly scans: { readonly expected: string[]; readonly scan: ReturnType<Region['scan']> }[] = [];

  static async begin(rig: StorageRig): Promise<World> {
    const wal = await rig.startWal({ rollBytes: 500 });
    return new World(rig, await rig.open(wal), wal);
  }

  private of(key: string): Map<string, string> {
    const found = this.model.get(key) ?? new Map<string, string>();
    this.model.set(key, found);
    return found;
  }

  async run(one: Step): Promise<void> {
    switch (one.kind) {
      case 'put': {
        const puts = Object.entries(one.values).map(([name, value]) => ({ column: bytes(name), value: bytes(value) }));
        await this.region.mutate({ row: bytes(one.row), puts });
        for (const [name, value] of Object.entries(one.values)) this.of(one.row).set(name, value);
        return;
      }
      case 'deleteColumn':
        await this.region.mutate({ row: bytes(one.row), deletes: [bytes(one.column)] });
        return void this.of(one.row).delete(one.column);
      case 'deleteRow':
        await this.region.mutate({ row: bytes(one.row), deleteRow: true });
        return void this.of(one.row).clear();
      case 'check': {
        const now = this.of(one.row).get(one.column);
        const expected = one.there ? bytes(now ?? 'nothing like it') : null;
        const puts = [{ column: bytes(one.column), value: bytes('checked') }];
        const done = await this.region.checkAndMutate(bytes(one.column), expected, { row: bytes(one.row), puts });
        expect(done).toBe(one.there ? now !== undefined : now === undefined);
        if (done) this.of(one.row).set(one.column, 'checked');
        return;
      }
      case 'flush':
        return await this.region.flush();
      case 'compact':
      case 'major':
        return await this.region.compact(one.kind === 'major');
      case 'scan': {
        const [start, stop] = [bytes(one.from), bytes(one.to)];
        const inside = (key: string): boolean =>
          Buffer.compare(bytes(key), start) >= 0 && Buffer.compare(bytes(key), stop) < 0;
        const expected = sorted(this.model)
          .filter(inside)
          .map((key) => JSON.stringify([key, Object.fromEntries([...this.of(key)].sort())]));
        this.scans.push({ expected, scan: this.region.scan({ start, stop }) });
        return;
      }
      case 'die':
        await this.endScans();
        await this.rig.split();
        // Its last breath: neither is acknowledged nor leaves a trace.
        await expect(this.region.mutate({ row: bytes('a'), deleteRow: true })).rejects.toThrow(/renamed/);
        await this.region.close({ flush: false });
        return await this.reopen();
      case 'restart':
        await this.endScans();
        await this.region.close({ flush: true });
        return await this.reopen();
    }
  }

  private async reopen(): Promise<void> {
    await this.wal.close();
    this.wal = await this.rig.startWal({ rollBytes: 500 });
    this.region = await this.rig.open(this.wal);
  }

  async endScans(): Promise<void> {
    for (const { expected, scan } of this.scans.splice(0)) {
      const seen: string[] = [];
      for await (const result of scan) seen.push(JSON.stringify([result.row.toString(), plain(result)]));
      expect(seen).toEqual(expected);
    }
  }

  async end(): Promise<void> {
    await this.endScans();
    const found = await all(this.region);
    expect(Object.keys(found)).toEqual(sorted(this.model));
    expect(found).toEqual(asObject(this.model));
    for (const key of rows) {
      const expected = this.of(key).size === 0 ? null : Object.fromEntries(this.of(key));
      expect(plain(await this.region.get(bytes(key)))).toEqual(expected);
    }
    await this.region.close({ flush: false });
    await this.wal.close();
  }
}

describe('any history of a region', () => {
  it('looks like that of a map', { timeout: 120_000 }, async () => {
    // fast-check prints seed and path of what fails; HBASE_RUNS asks for more histories than a test run has time for.
    const numRuns = Number(process.env['HBASE_RUNS'] ?? 25);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, minLength: 10 }), async (steps) => {
        await using rig = new StorageRig();
        const world = await World.begin(rig);
        for (const one of steps) await world.run(one);
        await world.end();
      }),
      { numRuns },
    );
  });
});
