/** The gap a writing client sees when a server goes. */
import { waitFor, type Engine } from '@menagerie/zookeeper-testing';
import type { Comparison } from '../comparison.js';
import { aFollower, hostsOf, startEngine } from '../engines.js';
import { prepare } from '../load.js';
import { WritingClient } from '../writing-client.js';

type Blow = 'leader killed' | 'leader paused' | 'follower killed';

const targets = { 'leader killed': 0.35, 'leader paused': 1 } as const;
/** Writes seen before the blow and after the recovery, so that both ends of the gap are certain. */
const WRITES_AROUND = 200;
const DEADLINE_MS = 60_000;

export async function measureFailover(engine: Engine, blow: Blow, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, 3);
  const hosts = hostsOf(ensemble);
  await prepare(hosts, 100);
  const leader = await ensemble.waitForLeader();
  const follower = await aFollower(ensemble);
  const victim = blow === 'follower killed' ? follower : leader;
  // The client is on a follower that stays, or on the one that goes: its own server is the worst case of a kill.
  const first = ensemble.servers.indexOf(blow === 'follower killed' ? victim : follower);
  const client = new WritingClient(hosts, '/bench/k0', first);
  try {
    await waitFor(() => client.writes >= WRITES_AROUND, { timeoutMs: DEADLINE_MS, what: 'writes before the blow' });
    const atMs = performance.now();
    if (blow === 'leader paused') ensemble.pause(victim.id);
    else await ensemble.kill(victim.id);
    const goal = client.writes + WRITES_AROUND;
    await waitFor(() => client.writes >= goal && client.gap(atMs).longestMs > 0, {
      timeoutMs: DEADLINE_MS,
      what: 'writes after the blow',
    });
    const target = blow in targets ? { target: { atMost: targets[blow as keyof typeof targets] } } : {};
    into.add(
      { name: `${blow}: longest gap between writes`, unit: 'ms', ...target },
      engine,
      client.gap(atMs).longestMs,
    );
  } finally {
    client.stop();
    if (blow === 'leader paused') ensemble.resume(victim.id);
  }
}
