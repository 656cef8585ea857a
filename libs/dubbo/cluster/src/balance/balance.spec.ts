import { DubboUrl } from '@menagerie/dubbo-url';
import { describe, expect, it } from 'vitest';
import { Provider } from '../provider/provider.js';
import { warmupWeight, weightOf } from '../provider/weight.js';
import { BALANCERS, balancer } from './index.js';

const NOW_MS = 1_700_000_000_000;
const provider = (n: number, query = '') => new Provider(DubboUrl.parse(`tri://10.0.0.${n}:20880/a.B?${query}`));
/** A small generator with a fixed seed: the same draws in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const choice = (more: Partial<{ args: unknown[]; nowMs: number; random: () => number }> = {}) => ({
  method: 'get',
  args: [],
  nowMs: NOW_MS,
  random: seeded(7),
  ...more,
});
function shares(name: string, providers: Provider[], calls = 10_000): number[] {
  const one = balancer(name);
  const random = seeded(42);
  const counts = new Map(providers.map((each) => [each, 0]));
  for (let n = 0; n < calls; n++) {
    const chosen = one.select(providers, choice({ random, args: [`key-${n}`] }));
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
  }
  return providers.map((each) => (counts.get(each) ?? 0) / calls);
}

describe('weight', () => {
  it('grows with uptime from 1 to 100', () => {
    expect([0, 1, 6_000, 60_000, 300_000, 599_999, 600_000].map((ms) => warmupWeight(ms, 600_000, 100))).toEqual([
      1, 1, 1, 10, 50, 99, 100,
    ]);
  });

  it.each([
    ['', 100],
    ['weight=250', 250],
    ['weight=0', 0],
    ['weight=-3', 0],
    ['weight=many', 100],
    ['weight=100&get.weight=7', 7],
    [`timestamp=${NOW_MS - 60_000}`, 10],
    [`timestamp=${NOW_MS - 60_000}&warmup=60000`, 100],
    [`timestamp=${NOW_MS + 5_000}`, 1],
    [`weight=0&timestamp=${NOW_MS + 5_000}`, 0],
  ])('of %s is %d', (query, weight) => {
    expect(weightOf(DubboUrl.parse(`tri://h:1/a.B?${query}`), 'get', NOW_MS)).toBe(weight);
  });
});

describe('random', () => {
  it('follows weights', () => {
    const [a, b, c] = shares('random', [provider(1, 'weight=200'), provider(2), provider(3, 'weight=0')]);
    expect(a).toBeCloseTo(2 / 3, 1);
    expect(b).toBeCloseTo(1 / 3, 1);
    expect(c).toBe(0);
  });
});

describe('roundrobin', () => {
  const three = () => [provider(1, 'weight=5'), provider(2, 'weight=1'), provider(3, 'weight=1')];
  const names = new Map([
    ['10.0.0.1:20880', 'a'],
    ['10.0.0.2:20880', 'b'],
    ['10.0.0.3:20880', 'c'],
  ]);

  it('5:1:1 gives a a b a c a a, again and again', () => {
    const one = balancer('roundrobin');
    const list = three();
    const turns = Array.from({ length: 14 }, () => names.get(one.select(list, choice()).address)).join('');
    expect(turns).toBe('aabacaaaabacaa');
  });

  it('begins anew for whoever’s weight has changed', () => {
    const one = balancer('roundrobin');
    const [a, b, c] = three() as [Provider, Provider, Provider];
    one.select([a, b, c], choice());
    const heavier = provider(2, 'weight=5');
    // b had saved up 1; with that it would win this round.
    expect(one.select([a, heavier, c], choice()).address).toBe(heavier.address);
    expect(one.select([a, heavier, c], choice()).address).toBe(a.address);
  });

  it('forgets whoever was away for a minute', () => {
    const one = balancer('roundrobin');
    const [a, b] = [provider(1), provider(2)];
    const c = provider(3);
    one.select([a, b, c], choice());
    for (let n = 0; n < 3; n++) one.select([a, b], choice({ nowMs: NOW_MS + 60_001 }));
    // Without forgetting, c would come back with what it had saved up and be chosen at once.
    const next = Array.from({ length: 3 }, () => one.select([a, b, c], choice({ nowMs: NOW_MS + 60_002 })).address);
    expect(new Set(next).size).toBe(3);
  });
});

describe('leastactive and shortestresponse', () => {
  it('take whoever has the fewest calls under way', () => {
    const [a, b] = [provider(1), provider(2)];
    a.status('get').begin();
    expect(balancer('leastactive').select([a, b], choice())).toBe(b);
  });

  it('take whoever answers fastest, and whoever has not been asked yet before that', () => {
    const [a, b, c] = [provider(1), provider(2), provider(3)];
    for (const [one, ms] of [
      [a, 50],
      [b, 10],
    ] as const) {
      one.status('get').begin();
      one.status('get').end(true, ms, NOW_MS);
    }
    const one = balancer('shortestresponse');
    expect(one.select([a, b], choice())).toBe(b);
    expect(one.select([a, b, c], choice())).toBe(c);
    for (let n = 0; n < 5; n++) b.status('get').begin();
    expect(one.select([a, b], choice())).toBe(a);
  });

  it('a mean is forgotten after its window', () => {
    const a = provider(1);
    a.status('get').begin();
    a.status('get').end(true, 500, NOW_MS);
    expect(a.status('get').meanMs(NOW_MS + 30_000)).toBe(500);
    expect(a.status('get').meanMs(NOW_MS + 30_001)).toBe(0);
  });
});

describe('consistenthash', () => {
  const providers = Array.from({ length: 10 }, (_, n) => provider(n + 1, 'weight=1'));
  const owner = (list: Provider[], key: string) =>
    balancer('consistenthash').select(list, choice({ args: [key] })).address;

  it('gives the same key to the same provider, whatever the weights', () => {
    const one = balancer('consistenthash');
    const first = one.select(providers, choice({ args: ['sku-1'] }));
    expect(one.select(providers, choice({ args: ['sku-1'] }))).toBe(first);
    expect(
      owner(
        Array.from({ length: 10 }, (_, n) => provider(n + 1)),
        'sku-1',
      ),
    ).toBe(first.address);
  });

  it('one of ten less moves only what it had', () => {
    const [all, fewer] = [balancer('consistenthash'), balancer('consistenthash')];
    const left = providers.slice(1);
    let moved = 0;
    for (let n = 0; n < 1_000; n++) {
      const args = [`sku-${n}`];
      const [before, after] = [all.select(providers, choice({ args })), fewer.select(left, choice({ args }))];
      if (before !== after) {
        moved += 1;
        expect(before).toBe(providers[0]);
      }
    }
    expect(moved).toBeGreaterThan(30);
    expect(moved).toBeLessThan(200);
  });

  it('follows a list that changes', () => {
    const one = balancer('consistenthash');
    for (let n = 0; n < 50; n++) one.select(providers, choice({ args: [`sku-${n}`] }));
    const left = providers.slice(0, 2);
    for (let n = 0; n < 50; n++) expect(left).toContain(one.select(left, choice({ args: [`sku-${n}`] })));
  });
});

describe('adaptive', () => {
  it('spares the busy one', () => {
    const list = [provider(1), provider(2), provider(3)];
    for (let n = 0; n < 50; n++) list[0]!.status('get').begin();
    expect(shares('adaptive', list)[0]).toBeLessThan(0.01);
  });
});

it.each(BALANCERS)('%s only ever chooses from the list', (name) => {
  const list = [provider(1), provider(2), provider(3)];
  expect(shares(name, list, 500).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
});

it('a balancer that nobody knows is answered with those that exist', () => {
  expect(() => balancer('fair')).toThrow('expected a balancer (random, roundrobin');
});
