/** `menagerie dubbo`: who provides, who calls, what operators have said, and saying it. */
import { readFileSync } from 'node:fs';
import { RuleKind } from '@menagerie/dubbo-url';
import { DUBBO_ADMIN } from '@menagerie/topology';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { traffic, type TrafficOfProcess } from '../dubbo/render-traffic.js';
import { UsageError } from '../errors.js';
import { table } from '../output/table.js';
import { ServiceClient } from '../patterns/service-client.js';

interface Shown {
  readonly json?: boolean;
  readonly url?: string;
}

interface Summary {
  readonly service: string;
  readonly providers: number;
  readonly consumers: number;
  readonly rules: number;
}

interface Provider {
  readonly address: string;
  readonly application: string;
  readonly version: string;
  readonly group: string;
  readonly tag: string;
  readonly weight: number;
  readonly weightNow: number;
  readonly disabled: boolean;
  readonly since: string;
}

interface Consumer {
  readonly host: string;
  readonly application: string;
  readonly version: string;
  readonly pid: string;
  readonly since: string;
}

interface Rule {
  readonly id: string;
  readonly kind: string;
  readonly for: string;
  readonly says: string;
}

export function registerDubbo(program: Command, context: CliContext): void {
  const dubbo = program
    .command('dubbo')
    .summary('the Dubbo registry: services, who provides and calls them, and rules')
    .description('Asks the Dubbo admin. Exit code 2 for what it refuses; nothing has changed then.');
  const command = (name: string, summary: string) =>
    dubbo
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .option('--json', 'print JSON')
      .option('--url <url>', 'an admin other than the one that npm start runs');
  const admin = ({ url }: Shown) => new ServiceClient(planInForce(context), DUBBO_ADMIN, url);
  const show = <T>(options: Shown, value: T, render: (value: T) => readonly string[]) => {
    if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
    else for (const line of render(value)) context.output.line(line);
  };
  const at = (service: string): string => `/services/${encodeURIComponent(service)}`;
  const provider = (service: string, address: string): string =>
    `${at(service)}/providers/${encodeURIComponent(address)}`;

  command('services', 'all services, and how many provide and call them').action(async (options: Shown) =>
    show(options, await admin(options).ask<Summary[]>('GET', '/services'), services),
  );
  command('providers', 'who provides a service, and with which share')
    .argument('<service>')
    .action(async (service: string, options: Shown) => {
      const path = `${at(service)}/providers`;
      show(options, await admin(options).ask<{ providers: Provider[]; malformed: string[] }>('GET', path), providers);
    });
  command('consumers', 'who calls a service')
    .argument('<service>')
    .action(async (service: string, options: Shown) =>
      show(options, await admin(options).ask<Consumer[]>('GET', `${at(service)}/consumers`), consumers),
    );
  command('traffic', 'calls of everybody who provides or calls a service, since they began')
    .argument('<service>')
    .action(async (service: string, options: Shown) =>
      show(options, await admin(options).ask<TrafficOfProcess[]>('GET', `${at(service)}/traffic`), traffic),
    );
  command('rules', 'overrides and routes of a service')
    .argument('<service>')
    .action(async (service: string, options: Shown) =>
      show(options, await admin(options).ask<Rule[]>('GET', `${at(service)}/rules`), rules),
    );
  command('weight', 'the share of one provider: 100 is usual, 0 none, "own" what it wants itself')
    .argument('<service>')
    .argument('<address>', 'host:port')
    .argument('<weight>', 'a whole number, or own', weight)
    .action(async (service: string, address: string, share: number | null, options: Shown) => {
      const path = `${provider(service, address)}/weight`;
      if (share === null) await admin(options).ask('DELETE', path);
      else show(options, await admin(options).ask<Rule>('PUT', path, { weight: share }), (rule) => rules([rule]));
    });
  command('disable', 'take one provider out; it goes on running')
    .argument('<service>')
    .argument('<address>', 'host:port')
    .action(async (service: string, address: string, options: Shown) => {
      const path = `${provider(service, address)}/disabled`;
      show(options, await admin(options).ask<Rule>('PUT', path), (rule) => rules([rule]));
    });
  command('enable', 'let it in again')
    .argument('<service>')
    .argument('<address>', 'host:port')
    .action(async (service: string, address: string, options: Shown) => {
      await admin(options).ask('DELETE', `${provider(service, address)}/disabled`);
    });
  command('override', 'say how a service is to be called: timeout=300 retries=0 loadbalance=roundrobin')
    .argument('<service>')
    .argument('<parameters...>', 'KEY=VALUE', parameter)
    .option('--for <target>', 'one provider (host:port), one host, or * for all', '*')
    .action(async (service: string, parameters: Record<string, string>, options: Shown & { for: string }) => {
      const body = { target: options.for, parameters };
      const rule = await admin(options).ask<Rule>('POST', `${at(service)}/overrides`, body);
      show(options, rule, (one) => rules([one]));
    });
  command('route', 'a condition of consumers => a condition of providers')
    .argument('<service>')
    .argument('<rule>', 'such as "host = 10.0.0.6 => host = 10.0.0.5"')
    .option('--priority <number>', 'higher is sooner', whole, 0)
    .option('--force', 'rather nobody than somebody else')
    .action(async (service: string, rule: string, options: Shown & { priority: number; force?: boolean }) => {
      const body = { rule, priority: options.priority, force: options.force === true };
      show(options, await admin(options).ask<Rule>('POST', `${at(service)}/routes`, body), (one) => rules([one]));
    });
  command('remove', 'take a rule back')
    .argument('<service>')
    .argument('<id>', 'as menagerie dubbo rules lists it')
    .action(async (service: string, id: string, options: Shown) => {
      await admin(options).ask('DELETE', `${at(service)}/rules/${encodeURIComponent(id)}`);
    });
  command('config', 'a rule of the config center: print it, or publish one')
    .argument('<name>', 'an application, or interface:version:group')
    .addArgument(program.createArgument('<kind>', 'which rule').choices(Object.values(RuleKind)))
    .addOption(new Option('--file <file>', 'publish this YAML').conflicts('remove'))
    .option('--remove', 'take it back')
    .action(async (name: string, kind: RuleKind, options: Shown & { file?: string; remove?: boolean }) => {
      const path = `/config/${encodeURIComponent(name)}/${kind}`;
      if (options.remove === true) await admin(options).ask('DELETE', path);
      else if (options.file !== undefined) await admin(options).ask('PUT', path, { yaml: textOf(options.file) });
      else show(options, await admin(options).ask<{ yaml: string }>('GET', path), ({ yaml }) => [yaml.trimEnd()]);
    });
}

function weight(text: string): number | null {
  return text === 'own' ? null : whole(text);
}

function whole(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number');
}

function parameter(text: string, before: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const [key = '', value] = text.split(/=(.*)/s);
  if (key === '' || value === undefined) throw new InvalidArgumentError('expected KEY=VALUE');
  return { ...before, [key]: value };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`expected a file, got "${file}": ${(error as NodeJS.ErrnoException).code ?? 'not read'}`);
  }
}

const NONE = '-';
const or = (text: string): string => (text === '' ? NONE : text);

const services = (all: readonly Summary[]): readonly string[] =>
  table(
    [
      { title: 'SERVICE' },
      { title: 'PROVIDERS', align: 'right' },
      { title: 'CONSUMERS', align: 'right' },
      { title: 'RULES', align: 'right' },
    ],
    all.map((one) => [one.service, String(one.providers), String(one.consumers), String(one.rules)]),
  );

const providers = (answer: { providers: readonly Provider[]; malformed: readonly string[] }): readonly string[] => [
  ...table(
    [
      { title: 'ADDRESS' },
      { title: 'APPLICATION' },
      { title: 'VERSION' },
      { title: 'GROUP' },
      { title: 'TAG' },
      { title: 'WEIGHT', align: 'right' },
      { title: 'SINCE' },
    ],
    answer.providers.map(({ address, application, version, group, tag, disabled, since, ...share }) => {
      const now = share.weightNow === share.weight ? '' : ` (now ${share.weightNow})`;
      const shown = disabled ? 'disabled' : `${share.weight}${now}`;
      return [address, application, or(version), or(group), or(tag), shown, or(since)];
    }),
  ),
  ...answer.malformed.map((name) => `no URL: ${name}`),
];

const consumers = (all: readonly Consumer[]): readonly string[] =>
  table(
    [{ title: 'HOST' }, { title: 'APPLICATION' }, { title: 'VERSION' }, { title: 'PID' }, { title: 'SINCE' }],
    all.map(({ host, application, version, pid, since }) => [host, application, or(version), or(pid), or(since)]),
  );

const rules = (all: readonly Rule[]): readonly string[] =>
  table(
    [{ title: 'ID' }, { title: 'KIND' }, { title: 'FOR' }, { title: 'SAYS' }],
    all.map((rule) => [rule.id, rule.kind, or(rule.for), rule.says]),
  );
