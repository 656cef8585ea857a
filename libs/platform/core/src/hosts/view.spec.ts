import { describe, expect, it } from 'vitest';
import type { Listed, Machine } from './payloads.js';
import { HostsView } from './view.js';

const machine = (host: string, bootId = 'boot', draining = false): Machine => {
  const figures = { pid: 1, atMs: 0, version: '1', cpu: 0, memory: 0, disk: 0 };
  return { host, bootId, draining, acknowledged: null, ...figures };
};
const there = (...machines: Machine[]) => new Map(machines.map((each) => [each.host, each]));
const inventory = new Map<string, Listed>(['a', 'b'].map((host) => [host, { desired: 'in-service', sinceMs: 0 }]));
const states = (view: HostsView, nowMs: number, listed = inventory) =>
  Object.fromEntries(view.hosts(listed, nowMs).map(({ host, state }) => [host, state]));

describe('hosts', () => {
  it('gone is suspect, and lost only after the hold; planned is not lost, a stranger not online', () => {
    const view = new HostsView();
    view.observe(there(machine('a'), machine('b'), machine('x')), 0);
    expect(states(view, 0)).toEqual({ a: 'online', b: 'online', x: 'unknown' });
    view.observe(there(machine('a'), machine('x')), 1_000);
    expect(states(view, 1_000)).toMatchObject({ b: 'suspect' });
    view.tick(6_000);
    expect(states(view, 6_000)).toMatchObject({ b: 'lost' });
    const planned = new Map(inventory).set('b', { desired: 'retired', sinceMs: 0 });
    expect(states(view, 6_000, planned)).toMatchObject({ b: 'retired' });
    expect(view.events.map(({ host, what }) => `${host} ${what}`)).toEqual([
      'a up',
      'b up',
      'x up',
      'b gone',
      'b lost',
    ]);
  });

  it('a restart that fell between two looks shows by its boot; one that comes and goes is flapping', () => {
    const view = new HostsView();
    for (let n = 0; n <= 4; n += 1) view.observe(there(machine('a', `boot${n}`)), n * 1_000);
    expect(view.events.map(({ what }) => what)).toEqual([
      'up',
      'restarted',
      'restarted',
      'restarted',
      'flapping',
      'restarted',
    ]);
    expect(states(view, 4_000)).toMatchObject({ a: 'flapping' });
    expect(states(view, 700_000)).toMatchObject({ a: 'online' });
  });

  it('many that are gone together stay suspect until they are back, or a person says that they are lost', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = there(...names.map((host) => machine(host)));
    const few = there(machine('d'), machine('e'), machine('f'));
    const view = new HostsView();
    view.observe(all, 0);
    view.observe(few, 1_000);
    view.tick(60_000);
    expect(view.massLoss()).toEqual({ gone: ['a', 'b', 'c'], of: 6 });
    expect(states(view, 60_000)).toMatchObject({ a: 'suspect', b: 'suspect', d: 'unknown' });
    view.observe(all, 61_000);
    expect(view.massLoss()).toBeNull();
    view.observe(few, 62_000);
    view.confirmLosses(63_000);
    expect(states(view, 63_000)).toMatchObject({ a: 'lost', b: 'lost' });
    expect(view.massLoss()).toBeNull();
    expect(view.events.filter(({ what }) => what === 'mass-loss')).toHaveLength(6);
    // Two of six are no mass, and three that said that they would go are none either.
    const other = new HostsView();
    other.observe(all, 0);
    other.observe(there(...names.slice(2).map((host) => machine(host))), 1_000);
    other.tick(6_000);
    expect(states(other, 6_000)).toMatchObject({ a: 'lost', b: 'lost' });
    other.observe(there(...names.slice(2).map((host) => machine(host, 'boot', true))), 7_000);
    other.observe(new Map(), 8_000);
    expect(other.massLoss()).toBeNull();
  });
});
