/**
 * Every recipe, played by real processes on a real ensemble: one play a point, in turn, while servers are killed, links
 * cut or half-open, replies lost, sessions ended and processes stopped.
 */
import { performReal, plays, Troupe } from '@menagerie/recipes-tests';
import { startTestEnsemble } from '@menagerie/zookeeper-testing';
import type { Scenario } from '../soak/scenario.js';

export const recipesScenario: Scenario = {
  summary:
    'recipes played by processes that are cut off, expired and stopped: one holder by token, no orphan, no lost item',
  run: async (run) => {
    const chosen = plays.filter(({ name }) => run.only.length === 0 || run.only.includes(name));
    const ensemble = await startTestEnsemble({ servers: 3, engine: run.engine });
    try {
      await using troupe = new Troupe(ensemble);
      for (const server of ensemble.servers) run.watch({ name: `server ${server.id}`, pid: () => server.pid });
      for (let point = 0; run.another(); point += 1) {
        const play = chosen[point % chosen.length];
        if (play === undefined) throw new RangeError(`expected plays, got ${run.only.join(', ')}`);
        const seed = run.chance.below(0x7fffffff);
        run.say(`${play.name}, seed ${seed}`);
        try {
          const path = `/play-${point}/here`;
          await performReal(play, { troupe, seed, path, onFault: (kind, what) => run.fault(kind, what) });
          run.count(play.name);
        } catch (error) {
          run.violation(play.name, error instanceof Error ? (error.stack ?? error.message) : String(error));
        }
      }
    } finally {
      await ensemble.close();
    }
  },
};
