/**
 * A short sample of `npm run soak -- ensemble`: a kill, a partition and damage that must be alone, from a fixed seed, with all
 * answers judged. Hours of it are a command.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Soak } from '../soak/run.js';
import { atlas } from './faults/atlas.js';
import { isRoot } from './cluster/command.js';
import { whyNoNetwork } from './cluster/network.js';
import { ensembleScenario } from './scenario.js';

const SEED = 4;
const why = isRoot() ? whyNoNetwork() : 'only root may make networks and disks';

async function soak(points: number, only: readonly string[]): Promise<{ violations: readonly string[]; said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'menagerie-soak-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  const options = { seed: SEED, minutes: 3, points, engine: 'menagerie', only, folder } as const;
  const run = new Soak('ensemble', options, (line) => lines.push(line));
  const { violations, faults } = await run.run(ensembleScenario);
  expect(faults.size, 'faults that came').toBeGreaterThan(0);
  return { violations, said: lines.join('\n') };
}

describe.skipIf(why !== '')(`three servers that are broken while clients work ${why}`, () => {
  it('lose nothing and contradict nobody under kills, pauses and partitions', async () => {
    const only = ['kill-leader', 'kill-all', 'pause-leader', 'isolated', 'deaf', 'disk-full', 'clock-jump'];
    const { violations, said } = await soak(1, only);
    expect(violations, said).toEqual([]);
  });

  it('do so when one of them has lost its data or finds them damaged', async () => {
    const { violations, said } = await soak(1, ['corrupt-log', 'corrupt-snapshot', 'lose-data']);
    expect(violations, said).toEqual([]);
  });
});

it('every fault has a name of its own', () => {
  expect(new Set(atlas.map(({ name }) => name)).size).toBe(atlas.length);
});
