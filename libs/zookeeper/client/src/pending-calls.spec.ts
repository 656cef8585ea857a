import { describe, expect, it } from 'vitest';
import type { Driver, WireOutcome } from './driver.js';
import type { CallOptions } from './api.js';
import { PendingCalls, type CallSpec } from './pending-calls.js';

/** A driver that keeps what it is given until the test says how it ends. */
function heldDriver() {
  const held: { readonly path: string; readonly end: (outcome: WireOutcome<'sync'>) => void }[] = [];
  const call = (_name: string, request: { path: string }, end: (outcome: WireOutcome<'sync'>) => void): void => {
    held.push({ path: request.path, end });
  };
  return { held, driver: { call } as unknown as Driver };
}

function bench({ generation = 1 as number | null, maxPending = 100 } = {}) {
  const { held, driver } = heldDriver();
  let current = generation;
  const calls = new PendingCalls({ maxPending, defaultTimeoutMs: 60_000, generation: () => current });
  const spec = (path: string, repeatable: boolean): CallSpec<'sync', string> => ({
    name: 'sync',
    request: { path },
    what: `sync ${path}`,
    path,
    repeatable,
    accept: () => `done ${path}`,
  });
  const add = (path: string, repeatable = false, options: CallOptions = {}): Promise<unknown> =>
    calls.add(spec(path, repeatable), options).catch((error: unknown) => error);
  const flush = (): void => calls.flush(driver, current ?? 0, () => true);
  return { calls, held, add, flush, setGeneration: (next: number | null) => (current = next) };
}

const reply: WireOutcome<'sync'> = { kind: 'reply', reply: {} };

describe('pending calls', () => {
  it('wait until they can be sent, and go in the order they were made', async () => {
    const { held, add, flush } = bench();
    const results = ['/1', '/2', '/3'].map((path) => add(path));
    expect(held).toEqual([]);
    flush();
    expect(held.map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
    for (const { end } of held) end(reply);
    expect(await Promise.all(results)).toEqual(['done /1', 'done /2', 'done /3']);
  });

  it('are settled once, whatever else comes', async () => {
    const { calls, held, add, flush } = bench();
    const result = add('/a');
    flush();
    held[0]!.end(reply);
    held[0]!.end({ kind: 'lost', sent: true });
    held[0]!.end({ kind: 'refused', wireCode: -101 });
    calls.endSession(1, 'lost');
    calls.endSession(1, 'closed');
    expect(await result).toBe('done /a');
    expect(calls.size).toBe(0);
  });

  it('that only look go back in front of those that were made later', async () => {
    const { calls, held, add, flush } = bench();
    const results = [add('/read', true), add('/write'), add('/read-2', true)];
    flush();
    const late = add('/later');
    for (const { end } of held.splice(0)) end({ kind: 'lost', sent: true });
    calls.requeue();
    flush();
    expect(held.map(({ path }) => path)).toEqual(['/read', '/read-2', '/later']);
    expect(await results[1]).toMatchObject({ code: 'ZK_CONNECTION_LOST', outcome: 'maybe-done', path: '/write' });
    for (const { end } of held) end(reply);
    expect(await Promise.all([results[0], results[2], late])).toEqual(['done /read', 'done /read-2', 'done /later']);
  });

  it('of which no byte can have reached a server are sent again, whatever they do', async () => {
    const { calls, held, add, flush } = bench();
    const result = add('/write');
    flush();
    held.pop()!.end({ kind: 'lost', sent: false });
    calls.requeue();
    flush();
    held[0]!.end(reply);
    expect(await result).toBe('done /write');
  });

  it('end with the session they were made in, and no other', async () => {
    const { calls, held, add, flush, setGeneration } = bench();
    const [sent, sentRead] = [add('/sent'), add('/sent-read', true)];
    flush();
    const waiting = add('/waiting');
    setGeneration(null);
    const next = add('/next');
    calls.endSession(1, 'lost');
    expect(await sent).toMatchObject({ code: 'ZK_SESSION_LOST', outcome: 'maybe-done' });
    expect(await sentRead).toMatchObject({ code: 'ZK_SESSION_LOST', outcome: 'not-done' });
    expect(await waiting).toMatchObject({ code: 'ZK_SESSION_LOST', outcome: 'not-done' });
    expect(calls.size).toBe(1);
    setGeneration(2);
    flush();
    held.at(-1)!.end(reply);
    expect(await next).toBe('done /next');
  });

  it('made while there was no session end with the session they were sent in', async () => {
    const { calls, add, flush, setGeneration } = bench({ generation: null });
    const result = add('/a');
    setGeneration(1);
    flush();
    calls.endSession(1, 'lost');
    expect(await result).toMatchObject({ code: 'ZK_SESSION_LOST', outcome: 'maybe-done' });
  });

  it('stop going out in the moment the connection is gone', async () => {
    const { calls, held, add } = bench();
    const results = [add('/1'), add('/2')];
    const driver = {
      call: (_n: string, _r: object, end: (o: WireOutcome<'sync'>) => void) => held.push({ path: '', end }),
    };
    calls.flush(driver as unknown as Driver, 1, () => held.length === 0);
    expect(held).toHaveLength(1);
    calls.endSession(1, 'closed');
    expect(await results[1]).toMatchObject({ code: 'ZK_CLOSED', outcome: 'not-done' });
    expect(await results[0]).toMatchObject({ code: 'ZK_CLOSED', outcome: 'maybe-done' });
  });

  it('reject with what their reply is found to be', async () => {
    const { calls, held, flush } = bench();
    const fault = new Error('not what was asked');
    const refuse = (): string => {
      throw fault;
    };
    const spec = { name: 'sync' as const, request: { path: '/' }, what: 'sync /', repeatable: true, accept: refuse };
    const result = calls.add(spec, {}).catch((error: unknown) => error);
    flush();
    held[0]!.end(reply);
    expect(await result).toBe(fault);
  });

  it('are refused when there are too many, and make room when they end', async () => {
    const { held, add, flush } = bench({ maxPending: 2 });
    const first = [add('/1'), add('/2')];
    expect(await add('/3')).toMatchObject({ code: 'ZK_QUEUE_FULL', outcome: 'not-done' });
    flush();
    for (const { end } of held.splice(0)) end(reply);
    await Promise.all(first);
    void add('/4');
    flush();
    expect(held.map(({ path }) => path)).toEqual(['/4']);
  });

  it('leave the queue when they are aborted', async () => {
    const { calls, held, add, flush } = bench();
    const controller = new AbortController();
    const result = add('/a', false, { signal: controller.signal });
    controller.abort('enough');
    expect(await result).toMatchObject({ code: 'ZK_ABORTED', outcome: 'not-done', cause: 'enough' });
    flush();
    expect(held).toEqual([]);
    expect(calls.size).toBe(0);
  });
});
