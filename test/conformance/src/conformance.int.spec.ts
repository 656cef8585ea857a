/** Every claim, on every engine that can run here, through every door it holds for. */
import {
  type Engine,
  engineAvailable,
  startTestEnsemble,
  type TestEnsemble,
  type TestServer,
  waitFor,
} from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groups } from './cases/index.js';
import { Client, ok } from './client/client.js';
import { bodyFor, type Claim } from './suite/claim.js';
import { runClaim } from './suite/context.js';
import { Scoreboard, uncoveredOperations } from './suite/scoreboard.js';
import { READ_ONLY_ROOT, sameEnsemble, topologies, type TopologyName } from './suite/topologies.js';

/** Apache first: what it answers is the expectation the other is held to. */
const engines: readonly Engine[] = ['apache', 'menagerie'];

const scoreboard = new Scoreboard(groups.map(({ subject }) => subject));
const names = Object.keys(topologies) as TopologyName[];
const ensembles = [...new Set(Object.values(sameEnsemble))];

afterAll(() => {
  process.stdout.write(`\n${scoreboard.toString()}\n`);
});

it('no operation of the protocol is without a claim', () => {
  expect(uncoveredOperations(groups)).toEqual([]);
});

for (const engine of engines) {
  const { available, reason } = engineAvailable(engine);
  describe.skipIf(!available)(available ? engine : `${engine} (${reason})`, () => {
    for (const ensemble of ensembles) {
      describe(ensemble, () => {
        const doors = names.filter((name) => sameEnsemble[name] === ensemble);
        let running: TestEnsemble;
        beforeAll(async () => {
          running = await startTestEnsemble({ ...topologies[doors[0]!], engine });
        });
        afterAll(() => running?.close());
        for (const door of doors) claimsOf(engine, door, () => running);
      });
    }
  });
}

function claimsOf(engine: Engine, topology: TopologyName, running: () => TestEnsemble): void {
  const column = `${engine} ${topology}`;
  describe(topology, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await doorOf(running(), topology);
    });
    const observe = (type: number, error: string): void => scoreboard.observed(engine, type, error);

    for (const { subject, claims } of groups) {
      const here = claims.flatMap((claim) => {
        const body = bodyFor(claim, engine, topology);
        return body === null ? [] : [{ claim, body }];
      });
      if (here.length === 0) continue;
      describe(subject, () => {
        for (const { claim, body } of here) {
          it(titleOf(claim, engine), { retry: retriesOf(claim, engine) }, async () => {
            const target = { engine, topology, server, servers: running().servers, observe };
            let held = false;
            try {
              await runClaim(body, target);
              held = true;
            } finally {
              scoreboard.record(subject, column, held, body !== claim.body);
            }
          });
        }
      });
    }
  });
}

/**
 * What Apache does not do is not done three times either: its claims test what we believe of it, not its pauses. Of ours,
 * only what a pause of the machine can end is tried again.
 */
const retriesOf = (claim: Claim, engine: Engine): number => (engine === 'apache' || claim.racesTheClock ? 2 : 0);

const titleOf = (claim: Claim, engine: Engine): string => {
  const deviation = claim.deviations[engine];
  return deviation === undefined ? claim.title : `${claim.title} (here not: ${deviation.reason})`;
};

/** Kills all but the first server, and waits until that has given up looking for them. */
async function loseQuorum(ensemble: TestEnsemble): Promise<TestServer> {
  const [left, ...others] = ensemble.servers as [TestServer, ...TestServer[]];
  const client = await Client.open(left);
  await client.handshake();
  ok(await client.create(READ_ONLY_ROOT, { data: 'before' }));
  await client.dispose();
  for (const { id } of others) await ensemble.kill(id);
  const what = `server ${left.id} to serve read-only`;
  await waitFor(async () => (await left.mode()) === 'read-only', { timeoutMs: 30_000, what });
  return left;
}

async function doorOf(ensemble: TestEnsemble, topology: TopologyName): Promise<TestServer> {
  if (topology === 'readOnly') return loseQuorum(ensemble);
  if (topology !== 'follower' && topology !== 'leader') return ensemble.servers[0]!;
  for (const server of ensemble.servers) if ((await server.mode()) === topology) return server;
  throw new Error(`expected a ${topology} among ${ensemble.servers.length} servers, there is none`);
}
