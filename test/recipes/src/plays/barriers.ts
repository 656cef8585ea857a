/** Nobody goes through before all have come. */
import { Barrier, DoubleBarrier, Gate } from '@menagerie/zookeeper-recipes';
import { unlessGivenUp } from './guarded.js';
import { meetingJudge, together } from './meeting.js';
import { Broken, nobodyLeft, type Judge, type Play } from './play.js';

const PARTIES = 3;
const ROUNDS = 3;

/** Counts who has come to each round, and who has finished it. */
function roundJudge(finish: Judge['conclude'], strict = true): Judge {
  const arrived = new Map<string, Set<string>>();
  const finished = new Map<string, Set<string>>();
  const excused = new Set<string>();
  const of = (map: Map<string, Set<string>>, round: string) => map.get(round) ?? map.set(round, new Set()).get(round)!;
  return {
    hear: (actor, what, details) => {
      const round = String(details.round);
      if (what === 'arrived') of(arrived, round).add(actor);
      else if (what === 'finished') of(finished, round).add(actor);
      // A party whose session ends in the middle of a round is gone for the others: they need not wait for it.
      else if (what === 'lost') excused.add(round);
      else {
        const [who, rule] = what === 'through' ? [arrived, 'starts together'] : [finished, 'ends together'];
        const there = of(who, round).size;
        // A process that stood still says only afterwards that its session has ended.
        const isExcused = what === 'left' && (!strict || excused.has(round));
        if (there < PARTIES && !isExcused) {
          throw new Broken(rule, `${actor} is ${what} in round ${round} with ${there} of ${PARTIES}`);
        }
      }
      return true;
    },
    conclude: finish,
  };
}

export const barrierPlays: readonly Play[] = [
  {
    name: 'double-barrier',
    actors: PARTIES,
    judge: ({ until, strict }) => roundJudge((zk, path) => nobodyLeft(zk, path, until), strict),
    act: async (stage) => {
      const barrier = new DoubleBarrier(stage.zk, stage.path, PARTIES, stage.name);
      let round = 0;
      const off = stage.zk.on('state', ({ state }) => void (state === 'lost' && stage.tell('lost', { round })));
      for (; round < ROUNDS; round += 1) {
        await stage.sleep(stage.dice.delay(300));
        await stage.tell('arrived', { round });
        await barrier.enter();
        await stage.tell('through', { round });
        await stage.sleep(stage.dice.delay(300));
        await stage.tell('finished', { round });
        await barrier.leave();
        await stage.tell('left', { round });
      }
      off();
    },
  },
  {
    name: 'barrier',
    actors: PARTIES,
    judge: ({ until }) =>
      roundJudge(async (zk, path) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await until('no member left', async () => {
            return (await zk.getChildren(`${path}/${round}`)).children.every((name) => name === 'ready');
          });
        }
      }),
    act: async (stage) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const barrier = new Barrier(stage.zk, `${stage.path}/${round}`, PARTIES, stage.name);
        await stage.tell('arrived', { round });
        if (stage.dice.chance(0.3)) {
          const early = barrier.wait({ timeoutMs: 1 + stage.dice.integer(0, 200) }).then(() => true);
          if (await unlessGivenUp(early)) await stage.tell('through', { round });
        }
        await barrier.wait();
        await stage.tell('through', { round });
        await barrier.leave();
      }
    },
  },
  {
    name: 'gate',
    actors: 3,
    judge: meetingJudge(3, () => {
      let isOpen = false;
      return {
        hear: (actor, what) => {
          if (what === 'opening') isOpen = true;
          if (what === 'passed' && !isOpen) throw new Broken('a shut gate holds', `${actor} went through`);
          return true;
        },
        conclude: async () => undefined,
      };
    }),
    act: async (stage) => {
      const gate = new Gate(stage.zk, `${stage.path}/gate`);
      // Everybody shuts it; when all have, the first opens it after a while.
      await gate.shut();
      await together(stage, 'it is shut');
      if (stage.index === 0) {
        await stage.sleep(stage.dice.delay(500));
        await stage.tell('opening');
        await gate.open();
      } else {
        await gate.pass();
        await stage.tell('passed');
      }
    },
  },
];
