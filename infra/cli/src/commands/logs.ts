/** `menagerie logs`: who collects what, what was collected, and what an operator may tell the allocator. */
import { appendFileSync, createReadStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogsClient } from '@menagerie/logs-client';
import {
  isName,
  listsAt,
  LogsError,
  type LogsErrorCode,
  POLICIES,
  type Policy,
  WATCH_MODES,
  type WatchMode,
} from '@menagerie/logs-core';
import { collectedSource, collectedSources, readSource } from '@menagerie/logs-sink';
import { logsIncomingDir, logsSinkDir } from '@menagerie/topology';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { CliError, UsageError } from '../errors.js';
import { renderCollected, renderHistory, renderLists, renderReign } from '../logs/render.js';
import { logsClient } from '../status/logs-status.js';

const USAGE_CODES: ReadonlySet<LogsErrorCode> = new Set(['LOGS_BAD_REQUEST', 'LOGS_SOURCE_REFUSED']);

interface Shown {
  readonly json?: boolean;
}

interface SettingsOptions extends Shown {
  readonly policy?: Policy;
  readonly mode?: WatchMode;
  readonly moveDelay?: number;
  readonly silentAfter?: number;
}

export function registerLogs(program: Command, context: CliContext): void {
  const logs = program
    .command('logs')
    .summary('who collects whose logs, and what was collected')
    .description(
      'Shows who collects which logs, prints what was collected, and tells the leading allocator what to do.\n' +
        'Exit code 1 when no allocator leads, 2 for a mistake in the question.',
    );
  logs
    .command('status')
    .summary('collectors, their sources, and what allocating has cost')
    .option('--json', 'print JSON')
    .action((options: Shown) =>
      ask(context, async (client) => {
        const reign = await client.reign();
        show(context, options, reign, () => renderReign(reign));
      }),
    );
  logs
    .command('sources')
    .summary('what is at the sink, source by source')
    .option('--json', 'print JSON')
    .action(async (options: Shown) => {
      const collected = await collectedSources(sinkOf(context));
      show(context, options, collected, () => renderCollected(collected));
    });
  logs
    .command('cat')
    .summary('print what was collected of a source')
    .argument('<source>', 'its name, as `menagerie logs sources` prints it')
    .option('--day <yyyy-mm-dd>', 'only what was collected on that day (UTC)', day)
    .action((source: string, options: { day?: string }) => cat(context, source, options.day));
  logs
    .command('history')
    .summary('what the lists were, change by change, or at a moment')
    .option('--at <time>', 'the lists at that moment, for example 2026-11-28T12:00:00Z', moment)
    .option('--last <n>', 'only so many changes', positive, 20)
    .option('--json', 'print JSON')
    .action((options: Shown & { at?: number; last: number }) =>
      ask(context, async (client) => {
        const { base, entries } = await client.history();
        if (options.at === undefined) {
          const last = entries.slice(-options.last);
          show(context, options, last, () => renderHistory(last));
          return;
        }
        const then = listsAt(base, entries, options.at);
        if (then === null) {
          throw new UsageError(`expected a moment from ${new Date(base.at).toISOString()} on: that is where it begins`);
        }
        show(context, options, then, () => renderLists(then));
      }),
    );
  registerOrders(logs, context);
  logs
    .command('replay')
    .summary('write a file again, line by line, where it is collected')
    .argument('<file>', 'a text file')
    .option('--as <name>', 'name of the log; its source is agent2.<name>', 'replay')
    .option('--rate <lines>', 'lines a second', positive, 100)
    .action((file: string, options: { as: string; rate: number }) => replay(context, file, options));
}

function registerOrders(logs: Command, context: CliContext): void {
  logs
    .command('set')
    .summary('change how sources are allocated')
    .addOption(new Option('--policy <policy>', 'how sources are grouped').choices(POLICIES))
    .addOption(new Option('--mode <mode>', 'how the allocator learns of reports').choices(WATCH_MODES))
    .option('--move-delay <ms>', 'what a silent collector had stays its own for so long', whole)
    .option('--silent-after <ms>', 'no report for so long means silent', whole)
    .option('--json', 'print JSON')
    .action((options: SettingsOptions) =>
      ask(context, async (client) => {
        const { policy, mode, moveDelay, silentAfter } = options;
        const changes = {
          ...(policy === undefined ? {} : { policy }),
          ...(mode === undefined ? {} : { mode }),
          ...(moveDelay === undefined ? {} : { moveDelayMs: moveDelay }),
          ...(silentAfter === undefined ? {} : { silentAfterMs: silentAfter }),
        };
        if (Object.keys(changes).length === 0) throw new UsageError('expected something to set, got nothing');
        const settings = await client.configure(changes);
        show(context, options, settings, () => Object.entries(settings).map(([name, value]) => `${name} ${value}`));
      }),
    );
  order(logs, context, 'rebalance', 'allocate everything anew', (client) => client.rebalance());
  orderFor(logs, context, 'drain', 'empty a collector', (client, id) => client.drain(id));
  orderFor(logs, context, 'undrain', 'let a collector have sources again', (client, id) => client.drain(id, false));
  orderFor(logs, context, 'decommission', 'take an empty collector away for good', (client, id) =>
    client.decommission(id),
  );
  orderFor(logs, context, 'forget', 'take a source away that will not come back', (client, name) =>
    client.forget(name),
  );
}

type Order = (client: LogsClient, name: string) => Promise<void>;

function order(logs: Command, context: CliContext, name: string, summary: string, tell: Order): void {
  logs
    .command(name)
    .summary(summary)
    .action(() => ask(context, (client) => tell(client, '')));
}

function orderFor(logs: Command, context: CliContext, name: string, summary: string, tell: Order): void {
  logs
    .command(name)
    .summary(summary)
    .argument('<name>')
    .action((target: string) => ask(context, (client) => tell(client, target)));
}

const sinkOf = (context: CliContext): string => logsSinkDir(planInForce(context).settings.dataRoot);

async function cat(context: CliContext, source: string, onDay?: string): Promise<void> {
  const root = sinkOf(context);
  if (!isName(source) || (await collectedSource(root, source)) === null) {
    throw new UsageError(`expected a source that was collected, got "${source}"`);
  }
  let rest = '';
  for await (const bytes of readSource(root, source, onDay)) {
    const lines = (rest + bytes.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) context.output.line(line);
    if (context.signal.aborted) return;
  }
  if (rest !== '') context.output.line(rest);
}

async function replay(context: CliContext, file: string, { as, rate }: { as: string; rate: number }): Promise<void> {
  if (!isName(as))
    throw new UsageError(`expected a name of letters, digits, dots, dashes and underscores, got "${as}"`);
  if (!existsSync(file)) throw new UsageError(`expected a file, got "${file}"`);
  const folder = logsIncomingDir(planInForce(context).settings.dataRoot);
  mkdirSync(folder, { recursive: true });
  const target = join(folder, `${as}.log`);
  const beganMs = performance.now();
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (context.signal.aborted) break;
    appendFileSync(target, `${line}\n`);
    lines += 1;
    const dueMs = beganMs + (lines * 1_000) / rate - performance.now();
    if (dueMs > 5) await sleep(dueMs, undefined, { signal: context.signal }).catch(() => undefined);
  }
  context.output.line(`${lines} lines written to ${target}; their source is agent2.${as}`);
}

/** @throws CliError what the allocator answered, in one line and with the exit code that goes with it */
async function ask(context: CliContext, question: (client: LogsClient) => Promise<void>): Promise<void> {
  try {
    await question(logsClient(planInForce(context)));
  } catch (error) {
    if (!(error instanceof LogsError)) throw error;
    if (USAGE_CODES.has(error.code)) throw new UsageError(error.message);
    throw new CliError(error.code, error.message);
  }
}

function show(context: CliContext, options: Shown, value: unknown, render: () => readonly string[]): void {
  if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
  else for (const line of render()) context.output.line(line);
}

function whole(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('expected a whole number');
}

function moment(value: string): number {
  const atMs = Date.parse(value);
  if (!Number.isNaN(atMs)) return atMs;
  throw new InvalidArgumentError('expected a time, for example 2026-11-28T12:00:00Z');
}

function positive(value: string): number {
  const number = whole(value);
  if (number > 0 && number <= 1_000_000) return number;
  throw new InvalidArgumentError('expected a number from 1 to 1000000');
}

function day(value: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return value;
  throw new InvalidArgumentError('expected yyyy-mm-dd');
}
