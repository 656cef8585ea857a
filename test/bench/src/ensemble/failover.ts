/** The gap a writing client sees when a server goes. */
import { waitFor } from '@menagerie/zookeeper-testing';
import type { Part, Recorder, Target } from '../harness/bench.js';
import { prepare } from '../load/load.js';
import { WritingClient } from '../load/writing-client.js';
import { aFollower, hostsOf, startEngine } from './engines.js';

type Blow = 'leader killed' | 'leader paused' | 'follower killed';

const TARGETS: Readonly<Partial<Record<Blow, Target>>> = {
  'leader killed': { ratioAtMost: 0.35, under: 200 },
  'leader paused': { ratioAtMost: 1 },
};
/** Writes seen before the blow and after the recovery, so that both ends of the gap are certain. */
const WRITES_AROUND = 200;
const DEADLINE_MS = 60_000;

export const failover: Part = {
  about: 'the longest gap a writing client sees: leader killed, follower killed (its own), leader paused',
  async run(subject, record) {
    for (const blow of ['leader killed', 'follower killed', 'leader paused'] as const)
      await strike(subject, blow, record);
  },
};

async function strike(subject: string, blow: Blow, record: Recorder): Promise<void> {
  await using ensemble = await startEngine(subject, { servers: 3 });
  const hosts = hostsOf(ensemble);
  await prepare(hosts, 100);
  const leader = await ensemble.waitForLeader();
  const follower = await aFollower(ensemble);
  const victim = blow === 'follower killed' ? follower : leader;
  // The client is on a follower that stays, or on the one that goes: its own server is the worst case of a kill.
  const client = new WritingClient(hosts, '/bench/k0', ensemble.servers.indexOf(follower));
  try {
    await waitFor(() => client.writes >= WRITES_AROUND, { timeoutMs: DEADLINE_MS, what: 'writes before the blow' });
    const atMs = performance.now();
    if (blow === 'leader paused') ensemble.pause(victim.id);
    else await ensemble.kill(victim.id);
    const goal = client.writes + WRITES_AROUND;
    const isOver = () => client.writes >= goal && client.gap(atMs).longestMs > 0;
    await waitFor(isOver, { timeoutMs: DEADLINE_MS, what: 'writes after the blow' });
    const target = TARGETS[blow];
    const measure = { name: `${blow}: longest gap between writes`, unit: 'ms', ...(target ? { target } : {}) };
    record.add(measure, client.gap(atMs).longestMs);
  } finally {
    client.stop();
    if (blow === 'leader paused') ensemble.resume(victim.id);
  }
}
