import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, POLICIES } from '../layout/payloads.js';
import { VirtualCluster } from './virtual-cluster.js';

/** Silent after 6 s, dead after 10 s more, debounced by 1.5 s. */
const DEAD_S = 19;
const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `host${at + 1}`);

function settledCluster(policy: (typeof POLICIES)[number], sources = 50, collectors = 10): VirtualCluster {
  const cluster = new VirtualCluster().addSources(sources).start(...ids(collectors));
  cluster.settings = { ...DEFAULT_SETTINGS, policy };
  return cluster.go(8);
}

describe.each(POLICIES)('the allocator, %s', (policy) => {
  it('gives every source to one collector, evenly', () => {
    const cluster = settledCluster(policy);
    expect(cluster.owners().size).toBe(50);
    expect(cluster.imbalance()).toBeLessThanOrEqual(policy === 'local' ? 1.4 : 1.2);
  });

  it('a blink within the delay moves nothing', () => {
    const cluster = settledCluster(policy);
    const moves = cluster.movesOf(() => cluster.kill('host3').go(12).start('host3').go(30));
    expect(moves).toBe(0);
    expect(cluster.events.filter(({ kind }) => kind === 'revoked')).toHaveLength(0);
  });

  it('a dead collector loses its sources to the others, and gets work again when it is back', () => {
    const cluster = settledCluster(policy);
    cluster.kill('host3').go(DEAD_S + 5);
    expect(cluster.get('host3').list.sources).toEqual([]);
    expect(cluster.owners().size).toBe(50);
    cluster.start('host3').go(8);
    expect(cluster.get('host3').list.sources.length).toBeGreaterThan(0);
    expect(cluster.owners().size).toBe(50);
  });

  it('a new allocator changes nothing', () => {
    const cluster = settledCluster(policy);
    expect(cluster.movesOf(() => cluster.newAllocator().go(30))).toBe(0);
  });

  it('a new allocator finishes what the old one has begun', () => {
    const cluster = settledCluster(policy);
    cluster.start('host11').go(3).newAllocator().go(12);
    expect(cluster.owners().size).toBe(50);
    expect(cluster.get('host11').list.sources.length).toBeGreaterThan(0);
  });

  it('the ensemble is away for a minute: nobody is declared dead, nothing moves', () => {
    const cluster = settledCluster(policy);
    const moves = cluster.movesOf(() => {
      cluster.ensembleDown = true;
      cluster.go(60);
      cluster.ensembleDown = false;
      cluster.go(20);
    });
    expect(moves).toBe(0);
    expect(cluster.events).not.toContainEqual(expect.objectContaining({ kind: 'verdict', to: 'dead' }));
  });

  it('most go silent at once: frozen, nothing moves', () => {
    const cluster = settledCluster(policy);
    const moves = cluster.movesOf(() => cluster.kill(...ids(8)).go(25));
    expect(moves).toBe(0);
    expect(cluster.events).toContainEqual({ kind: 'frozen' });
  });

  it('a collector that is being drained loses everything, and only that', () => {
    const cluster = settledCluster(policy);
    const host3 = cluster.get('host3');
    host3.list = { ...host3.list, draining: true, gen: host3.list.gen };
    cluster.go(10);
    expect(host3.list).toMatchObject({ sources: [], revoking: [], draining: true });
    expect(cluster.owners().size).toBe(50);
  });

  it('a new source is collected, one that is taken off the list is not', () => {
    const cluster = settledCluster(policy);
    cluster.addSources(1).go(5);
    expect(cluster.owners().has('web-051')).toBe(true);
    cluster.sources.delete('web-051');
    cluster.go(5);
    expect(cluster.owners().has('web-051')).toBe(false);
  });
});

describe('scale-out from 10 to 11 collectors with 50 sources', () => {
  const moves = (policy: (typeof POLICIES)[number]): number => {
    const cluster = settledCluster(policy);
    return cluster.movesOf(() => cluster.start('host11').go(15));
  };

  it('moves at most ceil(50 / 11) = 5 locally, a few by hashing, nearly all by modulo', () => {
    expect(moves('local')).toBeLessThanOrEqual(5);
    expect(moves('local')).toBeGreaterThan(0);
    expect(moves('rendezvous')).toBeLessThan(25);
    expect(moves('modulo')).toBeGreaterThan(35);
  });
});

describe('local balancing by load', () => {
  it('takes sources away from an overloaded collector, once, and then rests', () => {
    const cluster = new VirtualCluster().addSources(20).start(...ids(4));
    cluster.settings = { ...DEFAULT_SETTINGS, policy: 'local' };
    cluster.go(8);
    for (const source of cluster.get('host1').list.sources) cluster.rates.set(source, 800);
    const moved = cluster.movesOf(() => cluster.go(40));
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThanOrEqual(4);
    expect(cluster.movesOf(() => cluster.go(120))).toBe(0);
  });
});

describe('1,000 collectors and 10,000 sources', () => {
  it('go through joins, deaths and a drain with one reader a source, and end within 1.4', () => {
    const cluster = settledCluster('local', 10_000, 1_000);
    expect(cluster.owners().size).toBe(10_000);
    cluster
      .kill('host7', 'host500')
      .start('host1001', 'host1002')
      .go(DEAD_S + 6);
    expect(cluster.owners().size).toBe(10_000);
    expect(cluster.imbalance()).toBeLessThanOrEqual(1.4);
  });
});
