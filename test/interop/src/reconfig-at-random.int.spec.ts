/**
 * Members that change at random while servers are killed at random, under a writing client: whatever happens, nothing
 * acknowledged is lost, the session goes on, and all that are members in the end have the same tree.
 */
import {
  RECONFIGURABLE,
  startTestEnsemble,
  TestKitError,
  waitFor,
  type TestEnsemble,
  type TestServer,
} from '@menagerie/zookeeper-testing';
import { digestsInCommon, treeOf, WritingLoad } from '@menagerie/zookeeper-witness';
import { expect, it, onTestFinished } from 'vitest';
import { isExtended } from './extended.js';

const SERVERS = 5;
/** Changes in the sample of `npm test`, and in the long run. */
const ROUNDS = isExtended ? 40 : 3;
const ROUND_MS = 60_000;
/** Of each server, in the message of a failure. */
const LAST_LINES = 30;

it(`members change at random, servers die at random: ${ROUNDS} changes`, { timeout: ROUNDS * ROUND_MS }, async () => {
  const ensemble = await startTestEnsemble({ servers: SERVERS, config: RECONFIGURABLE });
  onTestFinished(() => ensemble.close());
  const { random } = ensemble;
  const told: string[] = [`seed ${ensemble.seed}`];
  const load = await WritingLoad.start(ensemble.connectString, '/load');
  onTestFinished(() => load.close());
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const members = membersAtRandom(ensemble, random);
      told.push(`${round}: ${members}`);
      const changing = changeTo(ensemble, members);
      const victim = ensemble.servers[Math.floor(random() * SERVERS)]!;
      const delayMs = random() * 30;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      told.push(`   kill ${victim.id} after ${delayMs.toFixed(1)} ms`);
      await ensemble.kill(victim.id);
      told.push(`   the change: ${await changing}`);
      ensemble.launch(victim.id);
      await load.more(20);
    }
    const everybody = ensemble.servers.map((server) => server.memberLine()).join(',');
    const final = await waitFor(async () => (await changeTo(ensemble, everybody)) === 'made', {
      timeoutMs: ROUND_MS,
      what: 'all servers to be members again',
    });
    expect(final).toBe(true);
    for (const server of ensemble.servers) await server.serving(ROUND_MS);
    await load.more(150);
    expect(await load.end()).toMatchObject({ sessionKept: true, ephemeralKept: true, wrongAnswers: [] });
    for (const server of ensemble.servers) expect((await load.judge(server)).missing).toEqual([]);
    expect((await digestsInCommon(ensemble.servers)).digests.size).toBe(1);
    const [first, ...rest] = await Promise.all(ensemble.servers.map(treeOf));
    for (const tree of rest) expect(tree).toEqual(first);
  } catch (error) {
    const lastWords = ensemble.servers.map(({ id, log }) => `server ${id}:\n  ${log.slice(-LAST_LINES).join('\n  ')}`);
    throw new Error([...told, ...lastWords].join('\n'), { cause: error });
  }
});

/**
 * Three to five voters, the others observers. Nobody is left out: a server that is no member any more does not start
 * again without an operator, as with Apache's.
 */
function membersAtRandom({ servers }: TestEnsemble, random: () => number): string {
  const shuffled = servers
    .map((server) => ({ server, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ server }) => server);
  const voters = 3 + Math.floor(random() * (SERVERS - 2));
  const lineOf = (server: TestServer, index: number): string =>
    server.memberLine(index < voters ? 'participant' : 'observer');
  return shuffled.map(lineOf).join(',');
}

/** What became of it: a server may be killed before it answers, and a quorum of the new members may not be there. */
async function changeTo(ensemble: TestEnsemble, newMembers: string): Promise<string> {
  try {
    await ensemble.reconfigure({ newMembers });
    return 'made';
  } catch (error) {
    if (error instanceof TestKitError || (error instanceof Error && 'syscall' in error)) return error.message;
    throw error;
  }
}
