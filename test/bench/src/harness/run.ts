/** Runs a bench: every part in rounds of A B A B, a table at the end, all values as JSON beside it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Bench, Part, PartContext } from './bench.js';
import { Comparison } from './comparison.js';
import { table } from './statistics.js';
import { summaryMarkdown, summaryTable } from './summary.js';

export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Names of parts; all if null. */
  readonly only: readonly string[] | null;
  /** Sizes that differ from the bench's defaults. */
  readonly settings: Readonly<Record<string, number>>;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly comparison: Comparison;
  /** What went wrong in a part: one line each. */
  readonly failures: readonly string[];
  readonly tookMs: number;
}

/** @throws Error for a part or a setting that the bench does not have */
export async function runParts(bench: Bench, parts: Bench['parts'], options: RunOptions): Promise<Outcome> {
  const { say, rounds } = options;
  const chosen = options.only ?? Object.keys(parts);
  for (const name of chosen) expectKnown('part', name, Object.keys(parts));
  for (const name of Object.keys(options.settings)) expectKnown('setting', name, Object.keys(bench.settings ?? {}));
  const comparison = new Comparison(bench.subjects);
  const failures: string[] = [];
  const context: PartContext = {
    measureMs: options.seconds * 1000,
    setting: (name) => options.settings[name] ?? bench.settings?.[name] ?? NaN,
  };
  const startedAt = performance.now();
  for (const name of chosen) {
    const part = parts[name]!;
    const times = Math.min(rounds, part.maxRounds ?? rounds);
    for (let round = 1; round <= times; round += 1) {
      for (const subject of bench.subjects) {
        const elapsedS = Math.round((performance.now() - startedAt) / 1000);
        say(`-- ${elapsedS} s: ${name}, round ${round} of ${times}, ${subject}`);
        const failure = await runPart(part, subject, comparison, context);
        if (failure === null) continue;
        failures.push(`${name}, round ${round}, ${subject}: ${failure}`);
        say(`   failed: ${failure}`);
      }
    }
  }
  const tookMs = performance.now() - startedAt;
  say(`-- ${Math.round(tookMs / 1000)} s: done`);
  return { comparison, failures, tookMs };
}

async function runPart(part: Part, subject: string, into: Comparison, context: PartContext): Promise<string | null> {
  try {
    await part.run(subject, { add: (measure, value) => into.add(measure, subject, value) }, context);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function expectKnown(what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw new Error(`there is no ${what} ${name}; there are ${known.join(', ') || 'none'}`);
}

/** Prints the tables and writes `<folder>/<name>.json`, the plots and the summary as Markdown, into each folder. */
export function report(
  name: string,
  bench: Bench,
  { comparison, failures, tookMs }: Outcome,
  options: RunOptions,
  folders: readonly string[],
) {
  const { say, rounds, seconds, only, settings } = options;
  const { header, rows } = comparison.table(bench.titles);
  say('');
  say(table(header, rows));
  for (const failure of failures) say(`failed: ${failure}`);
  const judged = comparison.rows().filter(({ verdict }) => verdict !== '');
  const missed = judged.filter(({ verdict }) => verdict !== 'met');
  say(`\nmedians of ${rounds} rounds; ${judged.length - missed.length} of ${judged.length} targets met`);
  for (const row of missed) say(`${row.verdict}: ${row.name} (${row.target})`);

  const where = machine();
  const result = { bench: name, at: new Date().toISOString(), machine: where, only, rounds, seconds, settings };
  const json = JSON.stringify({ ...result, rows: comparison.rows(), failures }, null, 2);
  const plots = bench.plots?.((row, subject) => comparison.median(row, subject)) ?? [];
  const files = [
    { fileName: `${name}.json`, text: `${json}\n` },
    ...plots.map(({ fileName, svg }) => ({ fileName, text: svg })),
  ];
  if (bench.summary !== undefined) {
    const short = summaryTable(bench.summary, comparison, bench.subjects, bench.titles);
    const notes = [
      `Medians of ${rounds} interleaved rounds, ${seconds} s a measurement, ${Math.ceil(tookMs / 60_000)} minutes in all.`,
      `${where.cpus} processors (${where.cpu}), ${where.memoryGiB} GiB, Node ${where.node}; load average at the end ${where.loadAverage}.`,
      ...(bench.notes?.() ?? []),
      ...failures.map((failure) => `Failed: ${failure}.`),
    ];
    say(`\n${bench.summary.title}\n`);
    for (const note of notes) say(`  ${note}`);
    say(`\n${table(short.header, short.rows)}\n\n${short.met} of ${short.rows.length} met`);
    files.push({ fileName: `${name}.md`, text: summaryMarkdown(bench.summary, short, notes, plots) });
  }
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    for (const { fileName, text } of files) {
      const path = join(folder, fileName);
      writeFileSync(path, text);
      say(path);
    }
  }
}

const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cpus: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  loadAverage: Number(loadavg()[0]!.toFixed(1)),
});
