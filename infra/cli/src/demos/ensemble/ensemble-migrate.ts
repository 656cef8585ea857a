/** Three of our servers become three of Apache's, one at a time, and back, while somebody writes. */
import {
  engineAvailable,
  type ProcessEngine,
  startTestEnsemble,
  type TestEnsemble,
} from '@menagerie/zookeeper-testing';
import { WritingLoad } from '@menagerie/zookeeper-witness';

import { CliError } from '../../errors.js';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { verifyNothingLost, verifySameTrees } from './witness.js';

const NAMES: Readonly<Record<ProcessEngine, string>> = { menagerie: 'Menagerie', apache: 'Apache ZooKeeper' };

export const ensembleMigrate: DemoOfItsOwn = {
  name: 'ensemble-migrate',
  title:
    'three Menagerie servers become three Apache ZooKeeper servers, one at a time, and back, under a writing client',
  promises: [
    'each server goes on from what the other kind left on its disk, in a quorum of both kinds',
    'no acknowledged write is lost, no answer is wrong, no session ends',
    'the trees are equal half-way and in the end, by the digest that each server computes over its own',
  ],
  standsAlone: true,
  async run(stage) {
    const { available, reason } = engineAvailable('apache');
    if (!available) throw new CliError('CLI_DEMO_ENGINE', reason);
    await using ensemble = await startTestEnsemble({ servers: 3 });
    stage.mark('three Menagerie servers of its own on free ports');
    const load = await WritingLoad.start(ensemble.connectString, '/load');
    try {
      await load.more();
      stage.mark(`a client writes, ${load.acknowledged} acknowledged so far`);
      for (const engine of ['apache', 'menagerie'] as const) {
        await replaceAll(stage, ensemble, load, engine);
        await verifySameTrees(stage, load, ensemble.servers, `with three ${NAMES[engine]} servers`);
      }
      await verifyNothingLost(stage, load, ensemble.servers);
    } finally {
      await load.close();
    }
  },
};

/** One after the other: the quorum is never without two. */
async function replaceAll(
  { signal, mark }: DemoStage,
  ensemble: TestEnsemble,
  load: WritingLoad,
  engine: ProcessEngine,
): Promise<void> {
  for (const server of ensemble.servers) {
    signal.throwIfAborted();
    const beganMs = performance.now();
    const led = (await server.mode()) === 'leader' ? ', which led,' : '';
    await ensemble.stop(server.id);
    await ensemble.start(server.id, engine);
    const tookMs = performance.now() - beganMs;
    await load.more();
    mark(
      `server ${server.id}${led} is ${NAMES[engine]} now, back as ${await server.mode()} after ` +
        `${(tookMs / 1000).toFixed(1)} s; ${load.acknowledged} writes acknowledged`,
    );
  }
}
