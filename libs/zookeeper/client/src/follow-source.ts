/** How a follower reads one node through the client. */
import type { ChildrenResult, DataResult, Snapshot, StateChange, WatchKind } from './api.js';
import type { Stat } from '@menagerie/zookeeper-protocol';
import { ZkNotDoneError, isNoNode } from './errors.js';
import type { FollowSource } from './follow.js';
import type { Watcher } from './watch-registry.js';

/** Reads of one node, with a watcher. */
export interface NodeReads {
  exists(watcher: Watcher, signal: AbortSignal): Promise<Stat | null>;
  getData(watcher: Watcher, signal: AbortSignal): Promise<DataResult>;
  getChildren(watcher: Watcher, signal: AbortSignal): Promise<ChildrenResult>;
  generation(): number;
  forget(watcher: Watcher): void;
  onState(listener: (change: StateChange) => void): () => void;
}

/** A node which comes and goes between two requests this often in a row is left alone for a moment. */
const MAX_TURNS = 8;

export function clientFollowSource(reads: NodeReads): FollowSource {
  return {
    read: (path, kind, watcher, signal) => read(reads, path, kind, watcher, signal),
    forget: (_path, watcher) => reads.forget(watcher),
    onRenewed: (listener) =>
      reads.onState(({ reason }) => {
        if (reason === 'reattached' || reason === 'no-quorum') listener('reconnect');
        else if (reason === 'session-created') listener('session');
      }),
    onClosed: (listener) =>
      reads.onState(({ state }) => {
        if (state === 'closed') listener();
      }),
  };
}

type Read = Omit<Snapshot, 'cause' | 'event'>;

async function read(
  reads: NodeReads,
  path: string,
  kind: WatchKind,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<Read> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const found = kind === 'exists' ? null : await readContent(reads, path, kind, watcher, signal);
    if (found !== null) return found;
    // Data and lists of a node that is not there can not be watched; its coming can.
    const stat = await reads.exists(watcher, signal);
    if (stat === null || kind === 'exists') return { ...nothing(reads, path), stat };
  }
  throw new ZkNotDoneError('ZK_TIMEOUT', `watch ${path}: the node comes and goes faster than it can be read`, {
    path,
    retryable: true,
  });
}

async function readContent(
  reads: NodeReads,
  path: string,
  kind: 'data' | 'children',
  watcher: Watcher,
  signal: AbortSignal,
): Promise<Read | null> {
  try {
    const content = await (kind === 'data' ? reads.getData(watcher, signal) : reads.getChildren(watcher, signal));
    return { ...nothing(reads, path), ...content };
  } catch (error) {
    if (isNoNode(error)) return null;
    throw error;
  }
}

function nothing(reads: NodeReads, path: string): Read {
  return { path, stat: null, data: null, children: null, generation: reads.generation() };
}
