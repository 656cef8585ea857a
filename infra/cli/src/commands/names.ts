/** `menagerie names` and `menagerie ids`: what is bound to what, and numbers that are given once. */
import { NAMING } from '@menagerie/topology';
import { type Command, InvalidArgumentError } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { UsageError } from '../errors.js';
import { ServiceClient } from '../patterns/service-client.js';

interface Shown {
  readonly json?: boolean;
  readonly url?: string;
}

interface Binding extends Shown {
  readonly again?: boolean;
}

export function registerNames(program: Command, context: CliContext): void {
  const naming = ({ url }: Shown) => new ServiceClient(planInForce(context), NAMING, url);
  const group = (name: string, summary: string) => program.command(name).summary(summary).description(about(summary));
  const command = (parent: Command, name: string, summary: string) =>
    parent
      .command(name)
      .summary(summary)
      .option('--json', 'print JSON')
      .option('--url <url>', 'a naming service other than the one that npm start runs');
  const show = (options: Shown, value: unknown, lines: readonly string[]) => {
    if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
    else for (const line of lines) context.output.line(line);
  };
  const at = (name: string) => `/names/${encodeURIComponent(name)}`;

  const bind = async (name: string, binding: object, options: Binding) => {
    await naming(options).ask(options.again === true ? 'PUT' : 'POST', at(name), binding);
  };

  const names = group('names', 'names of resources: list, look up, bind, free');
  command(names, 'list', 'names in a context')
    .argument('[context]', 'default: the outermost', '')
    .action(async (within: string, options: Shown) => {
      const all = await naming(options).ask<string[]>('GET', `/names?context=${encodeURIComponent(within)}`);
      show(options, all, all);
    });
  command(names, 'get', 'what a name is bound to, through links')
    .argument('<name>')
    .action(async (name: string, options: Shown) => {
      const found = await naming(options).ask<{ name: string; resource: object }>('GET', at(name));
      show(options, found, [`${found.name} ${JSON.stringify(found.resource)}`]);
    });
  command(names, 'bind', 'bind a name that is free')
    .argument('<name>')
    .argument('<resource>', 'a JSON object', resource)
    .option('--again', 'whatever it was bound to')
    .action((name: string, bound: object, options: Binding) => bind(name, { resource: bound }, options));
  command(names, 'link', 'bind a name that is free to another name')
    .argument('<name>')
    .argument('<other>')
    .option('--again', 'whatever it was bound to')
    .action((name: string, other: string, options: Binding) => bind(name, { link: other }, options));
  command(names, 'free', 'make a name free')
    .argument('<name>')
    .action(async (name: string, options: Shown) => void (await naming(options).ask('DELETE', at(name))));

  const ids = group('ids', 'numbers that are given once: types, and new ones');
  command(ids, 'types', 'types that ids are given of').action(async (options: Shown) => {
    const types = await naming(options).ask<string[]>('GET', '/types');
    show(options, types, types);
  });
  command(ids, 'type', 'make a type known')
    .argument('<type>')
    .action(async (type: string, options: Shown) => void (await naming(options).ask('PUT', `/types/${part(type)}`)));
  command(ids, 'take', 'new ids of a type')
    .argument('<type>')
    .option('--count <n>', 'how many', whole, 1)
    .option('--block', 'out of a block: faster, with larger gaps after a crash')
    .action(async (type: string, options: Shown & { readonly count: number; readonly block?: boolean }) => {
      const order = { count: options.count, way: options.block === true ? 'block' : 'sequential' };
      const taken = await naming(options).ask<{ ids: string[] }>('POST', `/types/${part(type)}/ids`, order);
      show(options, taken, taken.ids);
    });
}

const about = (summary: string): string =>
  `${summary}. Asks the naming service; exit code 2 for what it refuses, and nothing has changed then.`;
const part = encodeURIComponent;

function resource(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, with what was expected.
  }
  throw new UsageError(`expected a JSON object, got "${text.slice(0, 100)}"`);
}

function whole(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 on');
}
