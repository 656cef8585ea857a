/** `menagerie config`: what stands, what differs, who changed it; publish and take back. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Difference, formatOf, type Revision } from '@menagerie/platform-core';
import { CONFIG_CENTER } from '@menagerie/topology';
import { type Command, InvalidArgumentError } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { UsageError } from '../errors.js';
import { table } from '../output/table.js';
import { ServiceClient } from '../patterns/service-client.js';

interface Shown {
  readonly json?: boolean;
  readonly url?: string;
}

interface Published extends Shown {
  readonly comment?: string;
  readonly secret?: boolean;
  readonly expected?: number;
  readonly dryRun?: boolean;
}

interface Current {
  readonly revision: number;
  readonly values: readonly { readonly key: string; readonly format: string; readonly text: string }[];
}

export function registerConfig(program: Command, context: CliContext): void {
  const config = program
    .command('config')
    .summary('configuration: publish, compare, take back, and who did it')
    .description(
      'Asks the config center. Documents are json, yaml or properties by the ending of their key, text otherwise.\n' +
        'Exit code 2 for what the config center refuses; nothing has changed then.',
    );
  const command = (name: string, summary: string) =>
    config
      .command(name)
      .summary(summary)
      .option('--json', 'print JSON')
      .option('--url <url>', 'a config center other than the one that npm start runs');
  const center = ({ url }: Shown) => new ServiceClient(planInForce(context), CONFIG_CENTER, url);
  const show = <T>(options: Shown, value: T, render: (value: T) => readonly string[]) => {
    if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
    else for (const line of render(value)) context.output.line(line);
  };

  command('apps', 'applications that have published').action(async (options: Shown) =>
    show(options, await center(options).ask<string[]>('GET', '/apps'), (names) => names),
  );
  command('get', 'what stands, or one value of it')
    .argument('<app>')
    .argument('[key]')
    .action(async (app: string, key: string | undefined, options: Shown) => {
      if (key === undefined) return show(options, await center(options).ask<Current>('GET', `/apps/${app}`), current);
      const value = await center(options).ask<{ text: string }>('GET', `/apps/${app}/values/${key}`);
      show(options, value, ({ text }) => [text]);
    });
  command('publish', 'publish documents: KEY=FILE, or KEY=- to take one away')
    .argument('<app>')
    .argument('<documents...>', 'all of them or none', document)
    .option('--comment <text>', 'why')
    .option('--secret', 'for readers of the application only')
    .option('--expected <revision>', 'refuse when somebody published since', whole)
    .option('--dry-run', 'print what would change')
    .action(async (app: string, documents: Document[], options: Published) => {
      const changes = documents.map(({ key, file }) => ({
        key,
        text: textOf(file),
        isSecret: options.secret === true,
      }));
      if (options.dryRun === true) {
        return show(options, await center(options).ask<Difference[]>('POST', `/apps/${app}/check`, { changes }), diff);
      }
      const { comment, expected } = options;
      const order = {
        by: userInfo().username,
        changes,
        ...(comment ? { comment } : {}),
        ...(expected ? { expected } : {}),
      };
      show(options, await center(options).ask<Revision>('POST', `/apps/${app}/revisions`, order), (one) =>
        history([one]),
      );
    });
  command('schema', 'what documents of a key must be: a JSON Schema')
    .argument('<app>')
    .argument('<document>', 'KEY=FILE', document1)
    .action(async (app: string, { key, file }: Document, options: Shown) => {
      await center(options).ask('PUT', `/apps/${app}/schemas/${key}`, {
        schema: JSON.parse(textOf(file) ?? '') as object,
      });
    });
  command('history', 'who changed what, when and why')
    .argument('<app>')
    .action(async (app: string, options: Shown) =>
      show(options, await center(options).ask<Revision[]>('GET', `/apps/${app}/revisions`), history),
    );
  command('diff', 'what differs between two revisions')
    .argument('<app>')
    .argument('<from>', 'a revision', whole)
    .argument('<to>', 'a revision', whole)
    .action(async (app: string, from: number, to: number, options: Shown) =>
      show(options, await center(options).ask<Difference[]>('GET', `/apps/${app}/diff?from=${from}&to=${to}`), diff),
    );
  command('rollback', 'publish what stood at an earlier revision')
    .argument('<app>')
    .argument('<revision>', 'the revision', whole)
    .option('--comment <text>', 'why')
    .action(async (app: string, to: number, options: Published) => {
      const order = { by: userInfo().username, to, ...(options.comment ? { comment: options.comment } : {}) };
      show(options, await center(options).ask<Revision>('POST', `/apps/${app}/rollback`, order), (one) =>
        history([one]),
      );
    });
}

interface Document {
  readonly key: string;
  readonly file: string;
}

function document1(text: string): Document {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('expected KEY=FILE');
  return { key: text.slice(0, at), file: text.slice(at + 1) };
}

const document = (text: string, before: readonly Document[] | undefined): readonly Document[] => [
  ...(before ?? []),
  document1(text),
];

function textOf(file: string): string | null {
  if (file === '-') return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`expected a file, got "${file}": ${(error as NodeJS.ErrnoException).code ?? 'not read'}`);
  }
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number');
}

const current = ({ revision, values }: Current): readonly string[] => [
  `revision ${revision}`,
  ...table(
    [{ title: 'KEY' }, { title: 'FORMAT' }, { title: 'VALUE' }],
    values.map(({ key, format, text }) => [key, format, text.replaceAll('\n', ' ')]),
  ),
];

const history = (revisions: readonly Revision[]): readonly string[] =>
  table(
    [{ title: 'REVISION', align: 'right' }, { title: 'AT' }, { title: 'BY' }, { title: 'CHANGED' }, { title: 'WHY' }],
    revisions.map(({ number, atMs, by, comment, changes }) => [
      String(number),
      new Date(atMs).toISOString(),
      by,
      changes.map(({ key, text }) => (text === null ? `-${key}` : `${key} (${formatOf(key)})`)).join(' '),
      comment,
    ]),
  );

const diff = (differences: readonly Difference[]): readonly string[] =>
  differences.length === 0
    ? ['nothing differs']
    : table(
        [{ title: 'WHERE' }, { title: 'BEFORE' }, { title: 'AFTER' }],
        differences.map(({ path, before, after }) => [path, text(before), text(after)]),
      );

const text = (value: unknown): string => (value === undefined ? '-' : JSON.stringify(value));
