/** Links between servers that are cut, in the shapes that have found bugs in others (Jepsen, ClickHouse Keeper). */
import { setTimeout as delay } from 'node:timers/promises';
import type { Network } from '../cluster/network.js';
import { whyNoNetwork } from '../cluster/network.js';
import { leaderOrAny, type Fault, type Stage, type Struck } from './fault.js';

/** Who hears nothing of whom. */
type Cut = readonly [deaf: number, speaker: number];

const both = (one: number, other: number): readonly Cut[] => [
  [one, other],
  [other, one],
];

const between = (one: readonly number[], other: readonly number[]): readonly Cut[] =>
  one.flatMap((a) => other.flatMap((b) => both(a, b)));

function partition(name: string, shape: (stage: Stage) => Promise<{ what: string; cuts: readonly Cut[] }>): Fault {
  return {
    name,
    company: 'any',
    ends: false,
    cuts: true,
    whyNot: whyNoNetwork,
    strike: async (stage): Promise<Struck> => {
      const { what, cuts } = await shape(stage);
      const network = stage.ensemble.network!;
      await cut(network, cuts);
      return { what, victims: [], mend: () => network.heal() };
    },
  };
}

async function cut(network: Network, cuts: readonly Cut[]): Promise<void> {
  for (const [deaf, speaker] of cuts) await network.deafen(deaf, speaker);
}

/** The ids in an order of chance. */
function shuffled({ ensemble, chance }: Stage): number[] {
  const ids = [...ensemble.ids];
  for (let at = ids.length - 1; at > 0; at--) {
    const other = chance.below(at + 1);
    [ids[at], ids[other]] = [ids[other]!, ids[at]!];
  }
  return ids;
}

const someone = async (stage: Stage): Promise<{ one: number; others: number[] }> => {
  const all = stage.ensemble.ids;
  const one = (await leaderOrAny({ ...stage, free: all })) ?? all[0]!;
  const chosen = stage.chance.next() < 0.7 ? one : stage.chance.pick(all);
  return { one: chosen, others: all.filter((id) => id !== chosen) };
};

export const partitionFaults: readonly Fault[] = [
  partition('isolated', async (stage) => {
    const { one, others } = await someone(stage);
    return { what: `server ${one} is cut off from the other servers, clients reach it`, cuts: between([one], others) };
  }),
  partition('halves', async (stage) => {
    const ids = shuffled(stage);
    const minority = ids.slice(0, Math.floor(ids.length / 2));
    const majority = ids.slice(minority.length);
    return { what: `servers ${minority.join(', ')} | ${majority.join(', ')}`, cuts: between(minority, majority) };
  }),
  partition('bridge', async (stage) => {
    const [middle, ...rest] = shuffled(stage);
    const left = rest.slice(0, Math.floor(rest.length / 2));
    const right = rest.slice(left.length);
    return {
      what: `servers ${left.join(', ')} | ${right.join(', ')} with ${middle} on both sides`,
      cuts: between(left, right),
    };
  }),
  partition('deaf', async (stage) => {
    const { one, others } = await someone(stage);
    return { what: `server ${one} hears none of the others`, cuts: others.map((other): Cut => [one, other]) };
  }),
  partition('mute', async (stage) => {
    const { one, others } = await someone(stage);
    return { what: `server ${one} is heard by none of the others`, cuts: others.map((other): Cut => [other, one]) };
  }),
  {
    name: 'flapping',
    company: 'any',
    ends: false,
    cuts: true,
    whyNot: whyNoNetwork,
    strike: async (stage) => {
      const { one, others } = await someone(stage);
      const network = stage.ensemble.network!;
      const pacesMs = Array.from({ length: 64 }, () => 100 + stage.chance.below(900));
      let goesOn = true;
      const flapping = (async () => {
        for (const paceMs of pacesMs) {
          if (!goesOn) break;
          await cut(network, between([one], others));
          await delay(paceMs);
          await network.heal();
          await delay(paceMs / 2);
        }
      })();
      const mend = async (): Promise<void> => {
        goesOn = false;
        await flapping;
      };
      return { what: `the links of server ${one} come and go`, victims: [], mend };
    },
  },
];
