import { CreateMode } from '@menagerie/zookeeper-client';
import { Lock } from '@menagerie/zookeeper-recipes';
import { describe, expect, it } from 'vitest';
import { withSimulatedCluster } from './simulated-cluster.js';

const SESSION = { sessionTimeoutMs: 4_000 };

describe('a real client on a simulated cluster', () => {
  it('reads what it wrote, and hears of what another changes', async () => {
    await withSimulatedCluster({ seed: 1 }, async (cluster) => {
      const one = await cluster.connect(SESSION);
      const other = await cluster.connect(SESSION);
      await one.create('/a', 'first');
      const heard: string[] = [];
      await one.getData('/a', { watch: (event) => heard.push(event.type) });
      await other.setData('/a', 'second');
      await cluster.until('an event', () => heard.length > 0);
      expect(heard).toEqual(['data-changed']);
      expect((await one.getData('/a')).data.toString()).toBe('second');
    });
  });

  it('keeps its session when its server crashes', async () => {
    await withSimulatedCluster({ seed: 2 }, async (cluster) => {
      const zk = await cluster.connect(SESSION);
      const { id } = zk.session!;
      await zk.create('/mine', '', { mode: CreateMode.ephemeral });
      for (const server of cluster.servers) {
        server.crash();
        await cluster.sleep(500);
        server.start();
        await cluster.sleep(1_500);
      }
      await cluster.until('a session', () => zk.state === 'connected');
      expect(zk.session!.id).toBe(id);
      expect(await zk.exists('/mine')).not.toBeNull();
    });
  });

  it.each([3, 4, 5])('a lock has one holder, and its fencing tokens grow, under crashes (seed %i)', async (seed) => {
    const lines = await withSimulatedCluster({ seed }, async (cluster) => {
      const tokens: bigint[] = [];
      let holders = 0;
      const worker = async () => {
        const zk = await cluster.connect(SESSION);
        for (let round = 0; round < 4; round++) {
          const grant = await new Lock(zk, '/lock').acquire();
          expect(holders, 'holders at the same time').toBe(0);
          holders += 1;
          grant.signal.addEventListener('abort', () => (holders -= 1), { once: true });
          tokens.push(grant.fencingToken);
          await cluster.sleep(50);
          if (!grant.signal.aborted) await grant.release();
        }
        await zk.close();
      };
      const trouble = async () => {
        for (let i = 0; i < 6; i++) {
          await cluster.sleep(cluster.random.delay(400));
          const leader = cluster.leader ?? cluster.server(1);
          leader.crash();
          await cluster.sleep(cluster.random.delay(300));
          leader.start();
        }
      };
      await Promise.all([worker(), worker(), worker(), trouble()]);
      expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
      return tokens.length;
    });
    expect(lines).toBe(12);
  });
});
