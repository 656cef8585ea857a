/** What goes wrong while a play is on. The last act is without trouble, so that everybody can come to an end. */
import { hostOf, type Random, type SimulatedCluster } from '@menagerie/simulation';
import type { Loss } from './lossy-driver.js';

/** Sessions last 1.2 s: longer cuts than this end them. */
export const SESSION_TIMEOUT_MS = 1_200;

type Fault = (cluster: SimulatedCluster, random: Random, actors: number) => Promise<void>;

const faults: Readonly<Record<string, Fault>> = {
  crashServer: async (cluster, random) => {
    const server = random.pick(cluster.servers);
    server.crash();
    await cluster.sleep(random.delay(400));
    if (!server.isUp) server.start();
  },
  crashLeader: async (cluster, random) => {
    const { leader } = cluster;
    leader?.crash();
    await cluster.sleep(random.delay(300));
    if (leader && !leader.isUp) leader.start();
  },
  pauseServer: async (cluster, random) => {
    const server = random.pick(cluster.servers);
    server.pause();
    await cluster.sleep(random.delay(600));
    server.resume();
  },
  hangUp: async (cluster, random) => cluster.network.hangUp(random.pick(cluster.servers).host),
  /** One client away from everybody, sometimes for longer than its session. */
  cutClient: async (cluster, random, actors) => {
    const client = cluster.clientHost(random.integer(1, actors));
    for (const { id } of cluster.servers) cluster.network.cutBothWays(client, hostOf(id));
    await cluster.sleep(random.pick([150, 600, 2 * SESSION_TIMEOUT_MS]));
    cluster.network.heal();
  },
  /** It hears nothing of what it does: half-open. */
  deafClient: async (cluster, random, actors) => {
    const client = cluster.clientHost(random.integer(1, actors));
    for (const { id } of cluster.servers) cluster.network.cutOneWay(hostOf(id), client);
    await cluster.sleep(random.delay(700));
    cluster.network.heal();
  },
  isolateServer: async (cluster, random) => {
    const server = random.pick(cluster.servers);
    for (const other of cluster.servers) {
      if (other !== server) cluster.network.cutBothWays(server.host, other.host);
    }
    await cluster.sleep(random.delay(500));
    cluster.network.heal();
  },
};

/** Strikes until the time is over, then mends everything. */
export async function trouble(cluster: SimulatedCluster, random: Random, actors: number, ms: number): Promise<void> {
  const names = Object.keys(faults);
  // A seed has its own mix.
  const mix = names.filter(() => random.chance(0.5));
  const meanGapMs = random.pick([150, 400, 1_000]);
  const endMs = cluster.time.nowMs + ms;
  while (mix.length > 0) {
    await cluster.sleep(random.delay(meanGapMs));
    if (cluster.time.nowMs >= endMs) break;
    await faults[random.pick(mix)]?.(cluster, random, actors);
  }
  cluster.network.heal();
  for (const server of cluster.servers) {
    if (server.isPaused) server.resume();
    if (!server.isUp) server.start();
  }
}

/**
 * Exactly one call of an actor loses its reply (or its request), the n-th, with n and the kind from the seed: so that over
 * many seeds each step of each recipe is interrupted. In some lives more are lost, at random, while there is trouble.
 */
export function losses(seed: number, random: Random, isTroubled: () => boolean): () => Loss {
  const target = 1 + (seed % 40);
  const kind: Loss = seed % 3 === 0 ? 'request' : 'reply';
  const rate = random.pick([0, 0, 0.02, 0.08]);
  let calls = 0;
  return () => {
    calls += 1;
    if (calls === target) return kind;
    return isTroubled() && random.chance(rate) ? random.pick<Loss>(['reply', 'request']) : null;
  };
}
