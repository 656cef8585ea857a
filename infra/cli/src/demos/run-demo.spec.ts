import { describe, expect, it } from 'vitest';

import type { Plan, ProbeResult } from '@menagerie/topology';

import type { Demo, DemoContext, DemoStage } from './demo.js';
import { runAlone, runDemo, type DemoWorld } from './run-demo.js';

const plan = { settings: { dataRoot: '/', portOffset: 0 }, zkConnect: 'a:1', groups: [] } as Plan;

function demo(run: (context: DemoContext) => Promise<void>, breaksEnsemble = false): Demo {
  return { name: 'trial', title: 'a trial', promises: [], breaksEnsemble, run };
}

function world(overrides: Partial<DemoWorld> = {}): DemoWorld & { readonly seen: string[] } {
  const seen: string[] = [];
  let nowMs = 0;
  return {
    seen,
    plan,
    signal: new AbortController().signal,
    now: () => (nowMs += 100),
    onMoment: ({ text }) => void seen.push(text),
    isHealthy: () => Promise.resolve<ProbeResult>({ healthy: true }),
    restore: () => Promise.resolve(void seen.push('restored')),
    connect: () =>
      Promise.resolve({
        context: {} as Omit<DemoContext, 'mark' | 'verify' | 'signal'>,
        close: () => Promise.resolve(void seen.push('closed')),
      }),
    ...overrides,
  };
}

describe('a demo', () => {
  it('holds when each of its claims does, and everything is mended afterwards', async () => {
    const outside = world();
    const result = await runDemo(
      demo((context) => {
        context.mark('killed');
        context.verify('it works', true, '3 of 3');
        return Promise.resolve();
      }),
      outside,
    );
    expect(result).toMatchObject({ held: true, claims: [{ claim: 'it works', held: true, evidence: '3 of 3' }] });
    expect(outside.seen).toEqual(['killed', 'closed', 'restored', 'everything that was broken is mended, all healthy']);
    const times = result.timeline.map(({ atMs }) => atMs);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  it.each([
    ['one claim did not', (context: DemoContext) => context.verify('it works', false, '2 of 3')],
    ['it claims nothing', () => undefined],
  ])('does not hold when %s', async (_what, claim) => {
    const result = await runDemo(
      demo((context) => Promise.resolve(claim(context))),
      world(),
    );
    expect(result.held).toBe(false);
  });

  it('that fails on its way says why, and mends all the same', async () => {
    const outside = world();
    const result = await runDemo(
      demo(() => Promise.reject(new Error('no job'))),
      outside,
    );
    expect(result).toMatchObject({ held: false, failure: 'no job' });
    expect(outside.seen).toContain('restored');
  });

  it('does not hold when the system is not well in the end', async () => {
    const restore = () => Promise.reject(new Error('zk1 does not come back'));
    const fine = demo((context) => Promise.resolve(context.verify('it works', true, '')));
    expect(await runDemo(fine, world({ restore }))).toMatchObject({ held: false, failure: 'zk1 does not come back' });
  });

  it('does not begin when the user has already given up', async () => {
    const outside = world({
      signal: AbortSignal.abort(),
      isHealthy: () => Promise.resolve({ healthy: false, reason: '' }),
    });
    await expect(
      runDemo(
        demo(() => Promise.resolve()),
        outside,
      ),
    ).rejects.toMatchObject({ code: 'CLI_NOT_HEALTHY' });
    expect(outside.seen).toEqual([]);
  });

  it('that brings all it needs runs on no system at all, and is judged like any other', async () => {
    const own = (held: boolean) => ({
      ...{ name: 'own', title: 'of its own', promises: [], standsAlone: true as const },
      run: ({ mark, verify }: DemoStage) => {
        mark('begun');
        verify('it works', held, '');
        return Promise.resolve();
      },
    });
    const { seen, signal, now, onMoment } = world();
    expect(await runAlone(own(true), { signal, now, onMoment })).toMatchObject({ held: true });
    expect(await runAlone(own(false), { signal, now, onMoment })).toMatchObject({ held: false });
    const givenUp = { signal: AbortSignal.abort(new Error('given up')), now, onMoment };
    expect(await runAlone(own(true), givenUp)).toMatchObject({ held: false, failure: 'given up' });
    expect(seen).toEqual(['begun', 'begun']);
  });

  it('that breaks the ensemble does not touch a foreign one', async () => {
    const external = { name: 'ensemble', external: true } as Plan['groups'][number];
    const outside = world({ plan: { ...plan, groups: [external] } });
    await expect(
      runDemo(
        demo(() => Promise.resolve(), true),
        outside,
      ),
    ).rejects.toThrow('trial breaks the ensemble itself, and a:1 is not ours to break');
  });
});
