/** The audit logs of both servers for the same requests: the same lines with the same fields. */
import { CreateMode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { apacheAvailable, type ProcessEngine, startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { describe, expect, it } from 'vitest';

const { available, reason } = apacheAvailable();

type Line = Readonly<Record<string, string>>;

const FIELDS = ['session', 'user', 'ip', 'operation', 'znode', 'znode_type', 'acl', 'result'];
const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

/** Apache's logger writes tabs between pairs, ours JSON. Sessions are numbered as they come; a user's names have no order. */
function linesOf(log: readonly string[]): Line[] {
  const found = log.map((line) => apacheLine(line) ?? ownLine(line)).filter((line) => line !== null);
  const sessions = [...new Set(found.flatMap(({ session }) => session ?? []))];
  return found.map((line) => ({
    ...line,
    ...(line['session'] !== undefined && { session: `session ${sessions.indexOf(line['session'])}` }),
    ...(line['user'] !== undefined && { user: line['user'].split(',').sort().join(',') }),
  }));
}

function apacheLine(text: string): Line | null {
  const rest = text.split('Slf4jAuditLogger - ')[1];
  if (rest === undefined) return null;
  return Object.fromEntries(rest.split('\t').map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]));
}

function ownLine(text: string): Line | null {
  if (!text.startsWith('{')) return null;
  const { msg, ...line } = JSON.parse(text) as Record<string, string>;
  return msg === 'audit' ? Object.fromEntries(Object.entries(line).filter(([key]) => FIELDS.includes(key))) : null;
}

/** What may be refused is. */
const may = async (request: Promise<unknown>): Promise<void> => void (await request.catch(() => undefined));

async function changes(client: ZooKeeperClient): Promise<void> {
  await client.addAuth('digest', 'bob:secret');
  await client.create('/a', 'x');
  await may(client.create('/a', 'x'));
  await may(client.create('/none/a', 'x'));
  await client.create('/a/s-', 'x', { mode: CreateMode.persistentSequential });
  await client.create('/a/e', 'x', { mode: CreateMode.ephemeral });
  await client.create('/c', '', { mode: CreateMode.container });
  await client.setData('/a', 'y');
  await may(client.setData('/a', 'y', { version: 9 }));
  await may(client.setData('/none', 'y'));
  await client.setAcl('/a', [...OPEN, { perms: 5, id: { scheme: 'ip', id: '127.0.0.1' } }]);
  await may(client.setAcl('/none', OPEN));
  await may(client.delete('/a'));
  await client.multi([
    { kind: 'create', path: '/m', data: 'x' },
    { kind: 'create', path: '/m/s-', mode: CreateMode.persistentSequential },
    { kind: 'set-data', path: '/m', data: 'y' },
    { kind: 'check', path: '/m' },
    { kind: 'delete', path: '/c' },
  ]);
  await may(
    client.multi([
      { kind: 'create', path: '/m2' },
      { kind: 'delete', path: '/none' },
    ]),
  );
  await may(client.reconfig({ joining: ['server.9=127.0.0.1:1:2;3'] }));
  await client.getData('/a');
}

async function audited(engine: ProcessEngine, secret: string): Promise<Line[]> {
  await using ensemble = await startTestEnsemble({
    engine,
    config: { 'audit.enable': 'true', reconfigEnabled: 'true', preAllocSize: '64' },
  });
  const connect = (): Promise<ZooKeeperClient> =>
    ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 8000 });
  const [server] = ensemble.servers;
  const client = await connect();
  await changes(client);
  await client.close();
  const last = (): Line | undefined => linesOf(server!.log).at(-1);
  await waitFor(() => Promise.resolve(last()?.['operation']?.startsWith('ephemeral')), {
    timeoutMs: 20_000,
    what: 'the line of the ephemeral node',
  });
  await ensemble.stop(1);
  await waitFor(() => Promise.resolve(last()?.['operation'] === 'serverStop'), { timeoutMs: 20_000, what: 'the end' });
  expect(server!.log.join('\n')).not.toContain(secret);
  return linesOf(server!.log);
}

describe.skipIf(!available)(`the audit log beside Apache's${available ? '' : ` (skipped: ${reason})`}`, () => {
  it('has the same lines for the same requests', async () => {
    const [theirs, own] = await Promise.all([audited('apache', 'secret'), audited('menagerie', 'secret')]);
    expect(own).toEqual(theirs);
    expect(own.length).toBeGreaterThan(19);
  }, 60_000);
});
