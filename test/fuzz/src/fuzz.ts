/**
 * The search: inputs that reach something new are kept and changed further. Coverage is taken for a batch at a time, and a
 * batch that reached something new is run again one by one to find which of it did.
 */
import { Coverage } from './coverage.js';
import { execute } from './execute.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import type { Target } from './target.js';

const BATCH = 32;
const MAX_FINDINGS = 10;

export interface FuzzResult {
  readonly inputs: number;
  readonly refused: number;
  /** Blocks reached, by how often. */
  readonly covered: number;
  readonly corpus: readonly Buffer[];
  readonly findings: readonly { readonly input: Buffer; readonly why: string }[];
}

export function fuzz(target: Target, begin: readonly Buffer[], seconds: number, seed: number): FuzzResult {
  const random = new Random(seed);
  const coverage = new Coverage(target.covers);
  const corpus: Buffer[] = [];
  const findings: { input: Buffer; why: string }[] = [];
  const whys = new Set<string>();
  let [inputs, refused] = [0, 0];

  const run = (input: Buffer): void => {
    inputs++;
    const result = execute(target, input);
    if (result.kind === 'refused') refused++;
    if (result.kind !== 'finding') return;
    // The same place once: the first lines of a stack name it.
    const place = result.why
      .split('\n')
      .slice(0, 3)
      .join('\n')
      .replace(/\d{3,}/g, 'N');
    if (whys.has(place) || findings.length >= MAX_FINDINGS) return;
    whys.add(place);
    findings.push({ input, why: result.why });
  };
  const runAlone = (input: Buffer): void => {
    run(input);
    if (coverage.takeNew() > 0) corpus.push(input);
  };

  try {
    coverage.takeNew();
    for (const input of begin) runAlone(input);
    if (corpus.length === 0) corpus.push(Buffer.alloc(0));
    const untilMs = performance.now() + seconds * 1000;
    while (performance.now() < untilMs && findings.length < MAX_FINDINGS) {
      const batch = Array.from({ length: BATCH }, () => mutate(random.pick(corpus), random, random.pick(corpus)));
      const before = coverage.size;
      for (const input of batch) run(input);
      if (coverage.takeNew() === 0) continue;
      coverage.forgetDownTo(before);
      for (const input of batch) runAlone(input);
    }
    return { inputs, refused, covered: coverage.size, corpus, findings };
  } finally {
    coverage.close();
  }
}
