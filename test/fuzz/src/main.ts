/** `npm run fuzz -- [TARGET...] --seconds N`: looks for inputs that break a decoder. Exit status 1: there are some. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readCorpus, writeCorpus } from './corpus.js';
import { fuzz } from './fuzz.js';
import { targets } from './targets/index.js';

interface Flags {
  readonly seconds: number;
  readonly seed: number;
  readonly keep: boolean;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const findingsFolder = join(import.meta.dirname, '../../../.data/fuzz');

function run(names: readonly string[], { seconds, seed, keep }: Flags): number {
  const unknown = names.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`fuzz: expected ${targets.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}\n`);
    return 2;
  }
  const chosen = targets.filter(({ name }) => names.length === 0 || names.includes(name));
  say(`fuzzing ${chosen.map(({ name }) => name).join(', ')}: ${seconds} seconds each, seed ${seed}`);
  let found = 0;
  for (const target of chosen) {
    const begin = [...target.seeds(), ...readCorpus(target.name)];
    const { inputs, refused, covered, corpus, findings } = fuzz(target, begin, seconds, seed);
    say(
      `${target.name.padEnd(16)} ${inputs} inputs (${Math.round(inputs / seconds)}/s), ${refused} refused, ` +
        `${covered} blocks, ${corpus.length} inputs that matter, ${findings.length} findings`,
    );
    for (const { input, why } of findings) {
      const file = join(findingsFolder, target.name, createHash('sha1').update(input).digest('hex').slice(0, 12));
      mkdirSync(join(findingsFolder, target.name), { recursive: true });
      writeFileSync(file, input);
      say(`  ${file} (${input.length} bytes)\n  ${why.replaceAll('\n', '\n    ')}`);
    }
    found += findings.length;
    // What breaks a decoder stays in the corpus for good: it must not break it again.
    if (keep) writeCorpus(target.name, [...findings.map(({ input }) => input), ...corpus].filter(isSmall));
  }
  return found === 0 ? 0 : 1;
}

/** The repository keeps what is small; what needs more than this is a seed that its target makes anew. */
const isSmall = (input: Buffer): boolean => input.length <= 1024;

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number');
  return value;
}

await new Command('fuzz')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(`Targets: ${targets.map(({ name }) => name).join(', ')}`)
  .argument('[targets...]', 'default: all')
  .option('--seconds <n>', 'for each target', positive, 20)
  .option('--seed <s>', 'the same choices again', wholeNumber, Date.now() % 1_000_000)
  .option('--keep', 'writes the inputs that matter into the corpus', false)
  .action((names: string[], flags: Flags) => {
    process.exitCode = run(names, flags);
  })
  .parseAsync();
