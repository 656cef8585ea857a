/** A cluster on paper: collectors that obey and report, one allocator that polls, seconds that pass when told. */
import { countMoves, imbalance } from '../allocation/model.js';
import { type Assignment, DEFAULT_SETTINGS, NOTHING, type Settings, type Source } from '../layout/payloads.js';
import { type AllocatorEvent, FRESH_ALLOCATOR, stepAllocator } from './allocator-machine.js';

interface VirtualCollector {
  version: number;
  list: Assignment;
  ackedGen: number;
  reportedAtMs: number;
  /** What its process reads from agents now. */
  reading: ReadonlySet<string>;
  up: boolean;
}

export class VirtualCluster {
  nowMs = 1_000_000_000;
  readonly collectors = new Map<string, VirtualCollector>();
  readonly sources = new Map<string, Source>();
  readonly events: AllocatorEvent[] = [];
  settings: Settings = DEFAULT_SETTINGS;
  /** Lines a second of each source. */
  readonly rates = new Map<string, number>();
  private allocator = FRESH_ALLOCATOR;
  /** The ensemble cannot be reached: nothing is read or written. */
  ensembleDown = false;

  addSources(count: number, rate = 0): this {
    const from = this.sources.size;
    for (let n = from + 1; n <= from + count; n++) {
      const name = `web-${String(n).padStart(3, '0')}`;
      this.sources.set(name, { host: name, agent: 'agent:1', path: '/var/log/app.log', rate: 'normal' });
      this.rates.set(name, rate);
    }
    return this;
  }

  start(...ids: string[]): this {
    for (const id of ids) {
      const known = this.collectors.get(id);
      if (known) known.up = true;
      else {
        const fresh = {
          version: 0,
          list: NOTHING,
          ackedGen: -1,
          reportedAtMs: 0,
          reading: new Set<string>(),
          up: true,
        };
        this.collectors.set(id, fresh);
      }
    }
    return this;
  }

  kill(...ids: string[]): this {
    for (const id of ids) {
      const collector = this.get(id);
      collector.up = false;
      collector.reading = new Set();
    }
    return this;
  }

  /** Another allocator takes over, which knows what is in the tree and nothing else. */
  newAllocator(): this {
    this.allocator = FRESH_ALLOCATOR;
    return this;
  }

  get(id: string): VirtualCollector {
    const collector = this.collectors.get(id);
    if (collector === undefined) throw new Error(`there is no ${id}`);
    return collector;
  }

  go(seconds: number): this {
    for (let second = 0; second < seconds; second++) this.second();
    return this;
  }

  private second(): void {
    this.nowMs += 1_000;
    if (this.ensembleDown) return;
    for (const collector of this.collectors.values()) {
      if (!collector.up) continue;
      collector.reading = new Set(collector.list.sources);
      collector.ackedGen = collector.list.gen;
      collector.reportedAtMs = this.nowMs - 100;
    }
    const step = stepAllocator(this.allocator, {
      nowMs: this.nowMs,
      settings: this.settings,
      sources: this.sources,
      collectors: new Map([...this.collectors].map(([id, collector]) => [id, this.asPolled(collector)])),
    });
    this.allocator = step.state;
    this.events.push(...step.events);
    for (const { collector, version, list } of step.writes) {
      const target = this.get(collector);
      if (target.version !== version) throw new Error(`BadVersion for ${collector}`);
      target.version += 1;
      target.list = list;
    }
    this.checkOneReader();
  }

  private asPolled({ version, list, ackedGen, reportedAtMs, reading }: VirtualCollector) {
    const perSource = Object.fromEntries(
      [...reading].map((name) => [name, { off: 0, rate: this.rates.get(name) ?? 0, lag: 0 }]),
    );
    const status =
      reportedAtMs === 0
        ? null
        : { gen: Math.max(0, ackedGen), at: this.nowMs, boot: 'b', load: 0, lines: 0, lagBytes: 0, perSource };
    return { version, list, status, reportedAtMs };
  }

  private checkOneReader(): void {
    const readers = new Map<string, string>();
    for (const [id, { reading }] of this.collectors) {
      for (const source of reading) {
        const other = readers.get(source);
        if (other !== undefined) throw new Error(`${source} is read by ${other} and ${id}`);
        readers.set(source, id);
      }
    }
  }

  /** Who has what by the lists. */
  owners(): Map<string, string> {
    const owners = new Map<string, string>();
    for (const [id, { list }] of this.collectors) for (const source of list.sources) owners.set(source, id);
    return owners;
  }

  counts(): number[] {
    return [...this.collectors.values()].filter(({ up }) => up).map(({ list }) => list.sources.length);
  }

  imbalance(): number {
    return imbalance(this.counts());
  }

  /** How many sources have another owner after `what` than before. */
  movesOf(what: () => void): number {
    const before = this.owners();
    what();
    return countMoves(before, this.owners());
  }
}
