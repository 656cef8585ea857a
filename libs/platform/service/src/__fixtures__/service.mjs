/** A small real service for the process specs; what it does wrong is chosen by MISBEHAVE. */
import { Inject, Module } from '@nestjs/common';
import { z } from 'zod';

import { env, HealthRegistry, runService, serviceEnv, serviceSettings, ShutdownOrder } from '@menagerie/service';

const misbehave = process.env.MISBEHAVE;

class Work {
  constructor(order, health) {
    if (misbehave === 'throw-at-start') throw new Error('the disk is on fire');
    for (const phase of ['close', 'drain', 'leave']) {
      order.add(phase, 'work', () => void process.stdout.write(`hook ${phase}\n`));
    }
    if (misbehave === 'never-stop') order.add('drain', 'stuck', () => new Promise(() => setInterval(() => {}, 1000)));
    if (misbehave === 'fail-stop') {
      order.add('drain', 'broken', () => {
        throw new Error('cannot drain');
      });
    }
    health.add('work', () => ({ state: 'up', details: { role: 'standby' } }));
    if (misbehave === 'throw-later') process.once('SIGUSR2', () => void Promise.reject(new Error('forgotten promise')));
  }
}
Inject(ShutdownOrder)(Work, undefined, 0);
Inject(HealthRegistry)(Work, undefined, 1);

class FixtureModule {}
Module({ providers: [Work] })(FixtureModule);

const config = z
  .object({ ...serviceEnv, FIXTURE_ID: env.text(), FIXTURE_PORT: env.port() })
  .transform((parsed) => ({ ...serviceSettings(parsed, parsed.FIXTURE_PORT), id: parsed.FIXTURE_ID }));

await runService({ name: 'fixture/service', config, instance: ({ id }) => id, module: FixtureModule });
