/** Writes the history of the lists beside them, and keeps it short. */
import {
  type AllocatorEvent,
  fold,
  FOLD_ENTRIES,
  type HistoryEntry,
  type HistoryView,
  KEPT_ENTRIES,
  type ListWrite,
  logsPaths,
  NO_HISTORY,
  readHistoryEntry,
  shortReasons,
} from '@menagerie/logs-core';
import { CreateMode, isNoNode, type MultiOp, type ZooKeeperClient } from '@menagerie/zookeeper-client';

const PREFIX = 'h-';

export class HistoryKeeper {
  /** Since the history was last found short enough. */
  private written = 0;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly allocatorId: string,
  ) {}

  /** Call once before the first entry. */
  async begin(): Promise<void> {
    await this.client.mkdirp(logsPaths.history);
    this.written = (await names(this.client)).length;
  }

  /** The operation that goes with a change of lists, in the same transaction. */
  entry(atMs: number, writes: readonly ListWrite[], events: readonly AllocatorEvent[]): MultiOp {
    const entry: HistoryEntry = {
      at: atMs,
      by: this.allocatorId,
      gen: Math.max(0, ...writes.map(({ list }) => list.gen)),
      why: shortReasons(reasonsOf(events)),
      lists: Object.fromEntries(writes.map(({ collector, list }) => [collector, [...list.sources]])),
    };
    return this.create(entry);
  }

  gone(atMs: number, collector: string, gen: number): MultiOp {
    const why = [`${collector} was decommissioned`];
    return this.create({ at: atMs, by: this.allocatorId, gen, why, lists: { [collector]: null } });
  }

  /** @param fence makes the transaction fail once somebody else leads */
  async shorten(fence: () => MultiOp): Promise<void> {
    if (this.written <= KEPT_ENTRIES + FOLD_ENTRIES) return;
    const all = await names(this.client);
    this.written = all.length;
    if (all.length <= KEPT_ENTRIES + FOLD_ENTRIES) return;
    const { base, entries } = await readHistory(this.client, all.slice(0, FOLD_ENTRIES));
    const data = JSON.stringify(fold(base, entries, FOLD_ENTRIES));
    const deletes = all.slice(0, FOLD_ENTRIES).map((name): MultiOp => ({ kind: 'delete', path: pathOf(name) }));
    await this.client.multi([fence(), { kind: 'set-data', path: logsPaths.history, data }, ...deletes]);
    this.written -= FOLD_ENTRIES;
  }

  private create(entry: HistoryEntry): MultiOp {
    this.written += 1;
    const path = `${logsPaths.history}/${PREFIX}`;
    return { kind: 'create', path, data: JSON.stringify(entry), mode: CreateMode.persistentSequential };
  }
}

const pathOf = (name: string): string => `${logsPaths.history}/${name}`;

async function names(client: ZooKeeperClient): Promise<readonly string[]> {
  try {
    const { children } = await client.getChildren(logsPaths.history);
    return children.filter((name) => name.startsWith(PREFIX)).sort();
  } catch (error) {
    if (isNoNode(error)) return [];
    throw error;
  }
}

/** @param only these entries; default all */
export async function readHistory(client: ZooKeeperClient, only?: readonly string[]): Promise<HistoryView> {
  const all = only ?? (await names(client));
  const [base, ...entries] = await Promise.all([
    read(client, logsPaths.history),
    ...all.map((name) => read(client, pathOf(name))),
  ]);
  return { base: base ?? NO_HISTORY, entries: entries.filter((entry) => entry !== null) };
}

/** @returns null when it has become part of the base meanwhile */
async function read(client: ZooKeeperClient, path: string): Promise<HistoryEntry | null> {
  try {
    return readHistoryEntry((await client.getData(path)).data, path);
  } catch (error) {
    if (isNoNode(error)) return null;
    throw error;
  }
}

function reasonsOf(events: readonly AllocatorEvent[]): string[] {
  return events.map((event) => {
    switch (event.kind) {
      case 'verdict':
        return `${event.collector} is ${event.to}`;
      case 'gone':
        return `${event.collector} is gone`;
      case 'frozen':
      case 'thawed':
        return event.kind;
      case 'revoked':
        return `${event.source} asked back from ${event.from}`;
      case 'assigned':
        return `${event.source} to ${event.to}${event.from === null ? '' : `, before ${event.from}`}`;
    }
  });
}
