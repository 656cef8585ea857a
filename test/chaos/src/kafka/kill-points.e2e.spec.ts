/** A small sample of `npm run soak -- kafka --points 100`: three kill points, drawn anew each time, the seed printed. */
import { join } from 'node:path';
import { repositoryRoot } from '@menagerie/platform-testing';
import { expect, it } from 'vitest';

import { Soak } from '../soak/run.js';
import { kafkaScenario } from './scenario.js';

it('kill -9 at three random points: every acknowledged message once, in order, delivered, and copied exactly once', async () => {
  const seed = Date.now() % 1_000_000;
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}`);
  const folder = join(repositoryRoot(), '.data', 'soak', `kafka-sample-${seed}`);
  const options = { seed, minutes: 30, points: 3, engine: 'menagerie', only: [], folder } as const;
  const { violations, points } = await new Soak('kafka', options, say).run(kafkaScenario);
  expect(violations).toEqual([]);
  expect(points).toBe(3);
}, 300_000);
