/** A small sample of `npm run soak -- kafka --points 100`: three kill points, always the same schedule. */
import { join } from 'node:path';
import { repositoryRoot } from '@menagerie/platform-testing';
import { expect, it } from 'vitest';

import { Soak } from '../soak/run.js';
import { kafkaScenario } from './scenario.js';

/** The controller until others lead what it led, a broker for less than its session, and the copier. */
const SEED = 353;

it('kill -9 at three points: every acknowledged message once, in order, delivered, and copied exactly once', async () => {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const folder = join(repositoryRoot(), '.data', 'soak', `kafka-sample-${SEED}`);
  const options = { seed: SEED, minutes: 30, points: 3, engine: 'menagerie', only: [], folder } as const;
  const { violations, points } = await new Soak('kafka', options, say).run(kafkaScenario);
  expect(violations).toEqual([]);
  expect(points).toBe(3);
}, 300_000);
