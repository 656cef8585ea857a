/** The members of an ensemble change while somebody writes, and a leader is killed on the way. */
import {
  RECONFIGURABLE,
  startTestEnsemble,
  type TestEnsemble,
  type TestServer,
  waitFor,
} from '@menagerie/zookeeper-testing';
import { WritingLoad } from '@menagerie/zookeeper-witness';

import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { verifyNothingLost, verifySameTrees } from './witness.js';

const VOTERS = [1, 2, 3, 4, 5];
const OBSERVERS = [6, 7];
const REMAINING = [1, 2, 3];
const ROLE_MS = 60_000;

export const ensembleReconfig: DemoOfItsOwn = {
  name: 'ensemble-reconfig',
  title: 'five voters become seven and then three under a writing client, with a kill -9 of the leader between',
  promises: [
    'two observers become voters, four voters leave, and all servers agree who is in the ensemble',
    'no acknowledged write is lost, no answer is wrong, no session ends',
    'the trees of the servers that are left are equal, by their digests',
  ],
  standsAlone: true,
  async run(stage) {
    await using ensemble = await startTestEnsemble({ servers: 7, observers: OBSERVERS, config: RECONFIGURABLE });
    stage.mark(`seven servers of its own on free ports: ${VOTERS.length} voters, ${OBSERVERS.length} observers`);
    const load = await WritingLoad.start(ensemble.connectString, '/load');
    try {
      await change(stage, ensemble, load);
    } finally {
      await load.close();
    }
  },
};

async function change(stage: DemoStage, ensemble: TestEnsemble, load: WritingLoad): Promise<void> {
  const { signal, mark, verify } = stage;
  await load.more();
  mark(`a client writes, ${load.acknowledged} acknowledged so far`);

  const joining = OBSERVERS.map((id) => ensemble.server(id));
  const grown = await ensemble.reconfigure({ joiningServers: joining.map((server) => server.memberLine()).join(',') });
  for (const server of joining) await becomesVoter(server);
  mark(`servers ${OBSERVERS.join(' and ')} vote: ${votersOf(grown)} voters, ${load.acknowledged} writes acknowledged`);
  verify('two observers became voters', votersOf(grown) === 7, versionOf(grown));
  await load.more();
  signal.throwIfAborted();

  const leader = await ensemble.waitForLeader();
  await ensemble.kill(leader.id);
  mark(`server ${leader.id}, which led, is killed`);
  await load.more();
  const successor = await ensemble.waitForLeader();
  mark(`server ${successor.id} leads, writing goes on: ${load.acknowledged} acknowledged`);
  await ensemble.start(leader.id);
  mark(`server ${leader.id} is back`);
  signal.throwIfAborted();

  const leaving = ensemble.servers.filter(({ id }) => !REMAINING.includes(id));
  const shrunk = await ensemble.reconfigure({ leavingServers: leaving.map(({ id }) => id).join(',') });
  mark(`servers ${leaving.map(({ id }) => id).join(', ')} have left the ensemble: ${votersOf(shrunk)} voters`);
  const left = REMAINING.map((id) => ensemble.server(id));
  for (const server of left) await becomesVoter(server);
  for (const { id } of leaving) await ensemble.stop(id);
  mark('and are stopped');
  verify('four voters left', votersOf(shrunk) === 3, versionOf(shrunk));
  await verifySameTrees(stage, load, left, 'in the end');
  await verifyNothingLost(stage, load, left);
}

/** Follower or leader, and no observer. */
async function becomesVoter(server: TestServer): Promise<void> {
  const what = `server ${server.id} to vote`;
  await waitFor(async () => ['follower', 'leader'].includes((await server.mode()) ?? ''), { timeoutMs: ROLE_MS, what });
}

const votersOf = (members: string): number => members.match(/^server\.\d+=.*:participant;/gm)?.length ?? 0;
const versionOf = (members: string): string => `${votersOf(members)} voters, ${members.split('\n').at(-1)}`;
