/** `menagerie replicator`: what is copied from where to where, who does it, and what a person may tell the server. */
import { readFileSync } from 'node:fs';
import { parseTaskKey, type TaskStatusView, type TaskView } from '@menagerie/replicator-core';
import type { Command } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { ExitCode, UsageError } from '../errors.js';
import { table } from '../output/table.js';
import { ServiceClient } from '../patterns/service-client.js';

interface Shown {
  readonly json?: boolean;
  readonly url: string;
}

/** What `compare` answers. */
interface Comparison {
  readonly isEqual: boolean;
  readonly isCaughtUp: boolean;
  readonly sourceGtid: string;
  readonly targetGtid: string;
  readonly differences: readonly string[];
  readonly source: readonly { readonly table: string; readonly rows: number; readonly sum: string }[];
}

/** Where the READMEs of the two let them listen. */
const SERVER = 'http://127.0.0.1:8161';
const MONITOR = 'http://127.0.0.1:8165';

export function registerReplicator(program: Command, context: CliContext): void {
  const replicator = program
    .command('replicator')
    .summary('copies of MariaDB tables: make, start, stop, edit, compare')
    .description(
      'Asks a server of the MySQL Replicator, or its monitor. A task is NAME (hot standby) or GROUP/NAME (cold standby).\n' +
        'Exit code 1 when the two sides of a comparison differ, 2 for what is refused; nothing has changed then.',
    );
  const command = (name: string, summary: string, url = SERVER) =>
    replicator.command(name).summary(summary).option('--json', 'print JSON').option('--url <url>', 'who is asked', url);
  const ask = <T>({ url }: Shown, method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH', path: string, body?: unknown) =>
    new ServiceClient(planInForce(context), '', url).ask<T>(method, path, body);
  const show = <T>({ json }: Shown, value: T, render: (value: T) => readonly string[]) => {
    if (json === true) context.output.line(JSON.stringify(value, undefined, 2));
    else for (const line of render(value)) context.output.line(line);
  };

  command('status', 'who runs which task, how far it is, since when nobody runs it', MONITOR).action(
    async (options: Shown) => show(options, await ask<TaskStatusView[]>(options, 'GET', '/tasks'), renderStatus),
  );
  command('tasks', 'all tasks').action(async (options: Shown) =>
    show(options, await ask<TaskView[]>(options, 'GET', '/tasks'), renderTasks),
  );
  command('show', 'one task, without its passwords')
    .argument('<task>')
    .action(async (task: string, options: Shown) =>
      show(options, await ask<TaskView>(options, 'GET', pathOf(task)), lines),
    );
  command('make', 'make a task from a file with its source, target and tables')
    .argument('<task>')
    .argument('<file>', 'JSON, as `show` prints its spec, with passwords; "-" for stdin')
    .action(async (task: string, file: string, options: Shown) =>
      show(options, await ask<TaskView>(options, 'POST', pathOf(task), readJson(file)), lines),
    );
  command('edit', 'change a task: what is not in the file stays')
    .argument('<task>')
    .argument('<file>', 'JSON; "recopy": true copies the tables anew')
    .action(async (task: string, file: string, options: Shown) =>
      show(options, await ask<TaskView>(options, 'PATCH', pathOf(task), readJson(file)), lines),
    );
  const orders: readonly (readonly [verb: string, summary: string])[] = [
    ['start', 'let a task run'],
    ['stop', 'let a task rest, with its position kept'],
    ['recopy', 'copy the tables of a task anew'],
  ];
  for (const [verb, summary] of orders) {
    command(verb, summary)
      .argument('<task>')
      .action(async (task: string, options: Shown) =>
        show(options, await ask<TaskView>(options, 'POST', pathOf(task, verb)), (view) => [
          `${view.task}: ${view.spec.desired}`,
        ]),
      );
  }
  command('ddl-done', 'say that a change of a definition was carried out at the target by hand')
    .argument('<task>')
    .argument('<gtid>', 'as lastCommit names it')
    .action(async (task: string, gtid: string, options: Shown) =>
      show(options, await ask<TaskView>(options, 'POST', pathOf(task, 'ddl-done'), { gtid }), (view) => [
        `${view.task}: goes on`,
      ]),
    );
  command('remove', 'forget a stopped task; what was copied stays')
    .argument('<task>')
    .action(async (task: string, options: Shown) => {
      await ask(options, 'DELETE', pathOf(task));
      show(options, { task }, () => [`${task}: removed`]);
    });
  command('compare', 'sum up the tables on both sides')
    .argument('<task>')
    .action(async (task: string, options: Shown) => {
      const comparison = await ask<Comparison>(options, 'GET', pathOf(task, 'compare'));
      if (!comparison.isEqual) context.exitCode = ExitCode.failure;
      show(options, comparison, renderComparison);
    });
}

/** @throws UsageError for what cannot be a task */
function pathOf(key: string, verb?: string): string {
  try {
    const { group, name } = parseTaskKey(key);
    return `/tasks/${name}${verb === undefined ? '' : `/${verb}`}${group === null ? '' : `?group=${group}`}`;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as unknown;
  } catch (error) {
    throw new UsageError(`expected a file with JSON, got "${file}": ${(error as Error).message}`);
  }
}

const lines = (view: TaskView): readonly string[] => JSON.stringify(view.spec, undefined, 2).split('\n');

const renderTasks = (views: readonly TaskView[]): readonly string[] =>
  table(
    [{ title: 'TASK' }, { title: 'DESIRED' }, { title: 'SOURCE' }, { title: 'TARGET' }, { title: 'TABLES' }],
    views.map(({ task, spec }) => [
      task,
      spec.desired,
      placeOf(spec.source),
      placeOf(spec.target),
      spec.tables.join(' '),
    ]),
  );

const placeOf = ({ host, port, database }: TaskView['spec']['source']): string => `${host}:${port}/${database}`;

const renderStatus = (views: readonly TaskStatusView[]): readonly string[] =>
  table(
    [
      { title: 'TASK' },
      { title: 'RUNNING' },
      { title: 'STANDBY' },
      { title: 'POSITION' },
      { title: 'ROWS' },
      { title: 'UNCOVERED' },
      { title: 'PROBLEM' },
    ],
    views.map(({ task, running, instances, lastCommit, uncoveredSince }) => [
      task,
      running ?? 'nobody',
      String(instances.filter(({ status }) => status === 'STANDBY').length),
      lastCommit?.gtid ?? '',
      String(lastCommit?.rows ?? 0),
      uncoveredSince === null ? '' : `since ${new Date(uncoveredSince).toISOString()}`,
      lastCommit?.problem?.code ?? '',
    ]),
  );

function renderComparison({
  isEqual,
  isCaughtUp,
  differences,
  source,
  sourceGtid,
  targetGtid,
}: Comparison): readonly string[] {
  const position = isCaughtUp
    ? `both at ${targetGtid}`
    : `source at ${sourceGtid}, target at ${targetGtid}: not caught up`;
  if (!isEqual) return [...differences, position];
  return [...source.map(({ table: name, rows, sum }) => `${name}: ${rows} rows, ${sum}`), `equal; ${position}`];
}
