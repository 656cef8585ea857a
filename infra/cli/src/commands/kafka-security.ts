/** `menagerie kafka users` and `menagerie kafka acls`: who may come in, and who may do what. */
import { readFileSync } from 'node:fs';
import { type ScramUser, ScramUsers } from '@menagerie/kafka-connector';
import { ZooKeeper, ZooKeeperError } from '@menagerie/zookeeper-client';
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { type Command, Option } from 'commander';

import { type CliContext, planInForce } from '../context.js';
import { CliError, UsageError } from '../errors.js';
import { table } from '../output/table.js';

// As a module of CommonJS it names these at run time only.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const SESSION_TIMEOUT_MS = 10_000;

interface UserFlags {
  readonly zkAuthFile?: string;
  readonly mechanism: (typeof MECHANISMS)[number];
  readonly json?: boolean;
}

export function registerKafkaUsers(kafka: Command, context: CliContext): void {
  const users = kafka
    .command('users')
    .summary('SCRAM users: list, set, remove')
    .description('Reads and writes /config/users in ZooKeeper, as kafka-configs does; brokers follow at once.');
  const command = (name: string, summary: string) =>
    users
      .command(name)
      .summary(summary)
      .option('--zk-auth-file <file>', 'holds user:password, as zookeeper.digest.auth of the brokers');
  const mechanism = () => new Option('--mechanism <name>', 'which').choices(MECHANISMS).default(MECHANISMS[1]);
  const ask = async (flags: UserFlags, question: (users: ScramUsers) => Promise<void>) => {
    try {
      await using client = await ZooKeeper.connect({
        connect: planInForce(context).zkConnect,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        ...(flags.zkAuthFile === undefined
          ? {}
          : { auth: [{ scheme: 'digest', credentials: secretIn(flags.zkAuthFile) }] }),
      });
      await question(new ScramUsers(client));
    } catch (error) {
      if (error instanceof ZooKeeperError) throw new CliError('CLI_KAFKA', error.message);
      throw error;
    }
  };

  command('list', 'who has a password, and for which mechanisms')
    .option('--json', 'print JSON')
    .action((flags: UserFlags) =>
      ask(flags, async (all) => {
        const found = await all.list();
        if (flags.json === true) return context.output.line(JSON.stringify(found, undefined, 2));
        for (const line of rendered(found)) context.output.line(line);
      }),
    );
  command('set', 'give a user a password')
    .argument('<user>')
    .requiredOption('--password-file <file>', 'one line; - reads it from stdin')
    .addOption(mechanism())
    .action((user: string, flags: UserFlags & { readonly passwordFile: string }) =>
      ask(flags, async (all) => {
        await all.set(user, flags.mechanism, secretIn(flags.passwordFile));
        context.output.line(`${user} comes in by ${flags.mechanism}`);
      }),
    );
  command('remove', 'take a password away')
    .argument('<user>')
    .addOption(mechanism())
    .action((user: string, flags: UserFlags) =>
      ask(flags, async (all) => {
        const removed = await all.remove(user, flags.mechanism);
        context.output.line(removed ? `${user} is removed` : `${user} has no ${flags.mechanism}`);
      }),
    );
}

const rendered = (users: readonly ScramUser[]) =>
  table(
    ['USER', 'MECHANISMS'].map((title) => ({ title })),
    users.map(({ user, mechanisms }) => [user, mechanisms.join(', ')]),
  );

/** Not on the command line: there everybody on the machine can read it. */
function secretIn(file: string): string {
  try {
    const secret = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '');
    if (secret !== '') return secret;
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${file}: expected a line, got nothing`);
}

interface AclFlags {
  readonly prefixed?: boolean;
  readonly deny?: boolean;
  readonly host: string;
  readonly json?: boolean;
}

/** @param ask puts a question to a broker, and takes care of what Kafka refuses */
export function registerKafkaAcls(
  kafka: Command,
  context: CliContext,
  ask: (question: (admin: Admin) => Promise<void>) => Promise<void>,
): void {
  const acls = kafka
    .command('acls')
    .summary('access rules: list, add, remove')
    .description('Rules of the authorizer; brokers without one answer that security is disabled.');
  acls
    .command('list')
    .summary('all rules')
    .option('--json', 'print JSON')
    .action((flags: AclFlags) =>
      ask(async (admin) => {
        const { resources } = await admin.describeAcls({
          resourceType: AclResourceTypes.ANY,
          resourcePatternType: ResourcePatternTypes.ANY,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.ANY,
        });
        const rules = resources.flatMap(({ acls: each, ...resource }) => each.map((acl) => ({ ...resource, ...acl })));
        if (flags.json === true) return context.output.line(JSON.stringify(rules.map(named), undefined, 2));
        const columns = ['PRINCIPAL', 'HOST', 'PERMISSION', 'OPERATION', 'RESOURCE', 'PATTERN'];
        const rows = rules
          .map(named)
          .map((rule) => [
            ...[rule.principal, rule.host, rule.permission, rule.operation, rule.resource, rule.pattern],
          ]);
        for (const line of table(
          columns.map((title) => ({ title })),
          rows,
        ))
          context.output.line(line);
      }),
    );
  const change = (name: string, summary: string, act: (admin: Admin, entry: AclEntry) => Promise<string>) =>
    acls
      .command(name)
      .summary(summary)
      .argument('<principal>', 'User:alice, or User:* for everybody')
      .argument('<operation>', 'read, write, describe, all, ...')
      .argument('<resource>', 'topic:orders, group:g, cluster:kafka-cluster, transactional_id:t')
      .option('--prefixed', 'every resource whose name begins so')
      .option('--deny', 'a rule that denies wins over all that allow')
      .option('--host <address>', 'from there only', '*')
      .action((principal: string, operation: string, resource: string, flags: AclFlags) => {
        const entry = entryOf(principal, operation, resource, flags);
        return ask(async (admin) => context.output.line(await act(admin, entry)));
      });
  change('add', 'add a rule', async (admin, entry) => {
    await admin.createAcls({ acl: [entry] });
    return `${entry.principal}: ${named(entry).permission} ${named(entry).operation} of ${named(entry).resource}`;
  });
  change('remove', 'remove a rule', async (admin, entry) => {
    const { filterResponses } = await admin.deleteAcls({ filters: [entry] });
    const removed = filterResponses.reduce((sum, { matchingAcls }) => sum + matchingAcls.length, 0);
    return removed === 0 ? 'no such rule' : 'removed';
  });
}

/** @throws UsageError */
function entryOf(principal: string, operation: string, resource: string, flags: AclFlags): AclEntry {
  const colon = resource.indexOf(':');
  if (!/^[A-Za-z]+:.+$/.test(principal)) throw new UsageError(`expected User:NAME, got ${principal}`);
  if (colon < 1) throw new UsageError(`expected TYPE:NAME, got ${resource}`);
  return {
    principal,
    host: flags.host,
    operation: numberOf(AclOperationTypes, operation),
    permissionType: flags.deny === true ? AclPermissionTypes.DENY : AclPermissionTypes.ALLOW,
    resourceType: numberOf(AclResourceTypes, resource.slice(0, colon)),
    resourceName: resource.slice(colon + 1),
    resourcePatternType: flags.prefixed === true ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  };
}

/** kafkajs has its closed sets as plain objects of numbers; "unknown" and "any" are not for rules. */
function numberOf<T extends Readonly<Record<string, string | number>>>(set: T, name: string): T[keyof T] & number {
  const names = Object.keys(set).filter((each) => each !== 'UNKNOWN' && each !== 'ANY' && !/^\d/.test(each));
  if (names.includes(name.toUpperCase())) return set[name.toUpperCase()] as T[keyof T] & number;
  throw new UsageError(`expected one of ${names.join(', ').toLowerCase()}, got ${name}`);
}

const nameIn = (set: Readonly<Record<string, string | number>>, number: number): string =>
  (Object.keys(set).find((name) => set[name] === number) ?? String(number)).toLowerCase();

const named = (rule: AclEntry) => ({
  principal: rule.principal,
  host: rule.host,
  permission: nameIn(AclPermissionTypes, rule.permissionType),
  operation: nameIn(AclOperationTypes, rule.operation),
  resource: `${nameIn(AclResourceTypes, rule.resourceType)}:${rule.resourceName}`,
  pattern: nameIn(ResourcePatternTypes, rule.resourcePatternType),
});
