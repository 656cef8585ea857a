import { describe, expect, it } from 'vitest';
import type { Snapshot } from './api.js';
import { ZkAbortedError, ZkNotDoneError, ZkSessionLostError } from './errors.js';
import { Follower, type FollowSource } from './follow.js';
import type { Watcher } from './watch-registry.js';

type Read = Omit<Snapshot, 'cause' | 'event'>;

const stat = (mzxid: bigint): Read['stat'] => ({
  czxid: 1n,
  mzxid,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: 1n,
});

/** A node that changes when the test says so, and reads that fail when it says so. */
class FakeNode implements FollowSource {
  reads = 0;
  forgotten = 0;
  listening = 0;
  version = 1n;
  generation = 1;
  fault: Error | null = null;
  watchers: Watcher[] = [];
  renewed: (cause: 'reconnect' | 'session') => void = () => undefined;
  closed: () => void = () => undefined;

  read(path: string, _kind: string, watcher: Watcher, signal: AbortSignal): Promise<Read> {
    this.reads++;
    if (signal.aborted) return Promise.reject(new ZkAbortedError('aborted'));
    const { fault } = this;
    this.fault = null;
    if (fault !== null) return Promise.reject(fault);
    this.watchers.push(watcher);
    const { version, generation } = this;
    return Promise.resolve({ path, stat: stat(version), data: Buffer.alloc(0), children: null, generation });
  }
  forget(): void {
    this.forgotten++;
  }
  onRenewed(listener: (cause: 'reconnect' | 'session') => void): () => void {
    this.renewed = listener;
    this.listening++;
    return () => void this.listening--;
  }
  onClosed(listener: () => void): () => void {
    this.closed = listener;
    this.listening++;
    return () => void this.listening--;
  }

  change(): void {
    this.version++;
    for (const watcher of this.watchers.splice(0)) watcher('data-changed');
  }
}

function follow(node: FakeNode, signal?: AbortSignal) {
  const follower = new Follower(node, '/a', 'data', signal);
  const next = async (): Promise<string> => {
    const { done, value } = await follower.next();
    return done ? 'done' : `${value.cause} ${value.stat?.mzxid} in ${value.generation}`;
  };
  return { follower, next };
}

describe('a followed node', () => {
  it('is read when it is asked for, not before', async () => {
    const node = new FakeNode();
    const { next } = follow(node);
    expect(node.reads).toBe(0);
    expect(await next()).toBe('start 1 in 1');
    node.change();
    expect(await next()).toBe('event 2 in 1');
    expect(node.reads).toBe(2);
  });

  it('is not shown again when a reconnect finds it as it was', async () => {
    const node = new FakeNode();
    const { next } = follow(node);
    await next();
    const pending = next();
    node.renewed('reconnect');
    // Everything that is on its way here is a promise: one turn of the loop lets all of it happen.
    await new Promise(setImmediate);
    expect(node.reads).toBe(2);
    node.version = 2n;
    node.renewed('reconnect');
    expect(await pending).toBe('reconnect 2 in 1');
  });

  it('is shown again in a new session, as it was or not', async () => {
    const node = new FakeNode();
    const { next } = follow(node);
    await next();
    node.generation = 2;
    for (const watcher of node.watchers.splice(0)) watcher('session-lost');
    const pending = next();
    node.renewed('session');
    expect(await pending).toBe('session 1 in 2');
  });

  it('is read again when the session ends in mid-read', async () => {
    const node = new FakeNode();
    node.fault = new ZkSessionLostError('over');
    const { next } = follow(node);
    expect(await next()).toBe('start 1 in 1');
    expect(node.reads).toBe(2);
  });

  it('is read again after a failure that may pass', async () => {
    const node = new FakeNode();
    node.fault = new ZkNotDoneError('ZK_TIMEOUT', 'late', { retryable: true });
    const { next } = follow(node);
    expect(await next()).toBe('start 1 in 1');
  });

  it.each([
    ['its signal', (_node: FakeNode, controller: AbortController) => controller.abort()],
    ['the end of the client', (node: FakeNode) => node.closed()],
  ])('ends with %s, and leaves nothing behind', async (_what, end) => {
    const node = new FakeNode();
    const controller = new AbortController();
    const { next } = follow(node, controller.signal);
    await next();
    const pending = next();
    end(node, controller);
    expect(await pending).toBe('done');
    expect(await next()).toBe('done');
    expect([node.listening, node.forgotten]).toEqual([0, 1]);
  });

  it('is never read when its signal has fired before', async () => {
    const node = new FakeNode();
    const { next } = follow(node, AbortSignal.abort());
    expect(await next()).toBe('done');
    expect(node.reads).toBe(0);
  });

  it('leaves nothing behind when it fails for good', async () => {
    const node = new FakeNode();
    node.fault = new ZkNotDoneError('ZK_NO_AUTH', 'no');
    const { next } = follow(node);
    await expect(next()).rejects.toMatchObject({ code: 'ZK_NO_AUTH' });
    expect([node.listening, node.forgotten]).toEqual([0, 1]);
  });
});
