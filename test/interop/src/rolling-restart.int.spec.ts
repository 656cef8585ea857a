/** Three servers restarted one after the other under load, as an upgrade does it. */
import { engineAvailable, startTestEnsemble } from '@menagerie/zookeeper-testing';
import { treeOf, WritingLoad } from '@menagerie/zookeeper-witness';
import { expect, it } from 'vitest';

const WRITERS = 3;
const { available, reason } = engineAvailable('menagerie');

it.skipIf(!available)(
  `a rolling restart fails no request and loses no session${available ? '' : ` (skipped: ${reason})`}`,
  async () => {
    await using ensemble = await startTestEnsemble({ servers: 3, engine: 'menagerie' });
    const leader = await ensemble.waitForLeader();
    // Each begins at another server.
    const loads = await Promise.all(
      Array.from({ length: WRITERS }, (_, at) => {
        const order = [...ensemble.servers.slice(at % 3), ...ensemble.servers.slice(0, at % 3)];
        return WritingLoad.start(order.map(({ address }) => address).join(','), `/load-${at}`);
      }),
    );
    try {
      // The leader last, so that there is one election and not three.
      const others = ensemble.servers.filter((server) => server !== leader);
      for (const { id } of [...others, leader]) {
        await ensemble.stop(id);
        expect(ensemble.server(id).exit).toBe('exit code 0');
        await Promise.all(loads.map((load) => load.more()));
        await ensemble.start(id);
        await Promise.all(loads.map((load) => load.more()));
      }
      for (const load of loads) {
        const verdict = await load.end();
        expect(verdict).toMatchObject({ sessionKept: true, ephemeralKept: true, wrongAnswers: [] });
        for (const server of ensemble.servers) {
          expect(await load.judge(server)).toEqual({ missing: [], found: verdict.acknowledged });
        }
      }
      const trees = await Promise.all(ensemble.servers.map((server) => treeOf(server)));
      expect(trees[1]).toEqual(trees[0]);
      expect(trees[2]).toEqual(trees[0]);
    } finally {
      await Promise.all(loads.map((load) => load.close()));
    }
  },
  90_000,
);
