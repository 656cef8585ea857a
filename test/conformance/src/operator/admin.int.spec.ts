/** Every command of Apache 3.8's AdminServer, asked of both: the same fields of the same types in the same order. */
import { apacheAvailable } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperatedEnsemble } from './operated-server.js';
import { shapeOf } from './shape.js';

const { available, reason } = apacheAvailable();

/** In the order of Apache's index page. */
const COMMANDS = [
  ...['configuration', 'conf', 'config', 'connections', 'cons', 'connection_stat_reset', 'crst', 'dirs', 'dump'],
  ...['get_trace_mask', 'gtmk', 'hash', 'initial_configuration', 'icfg', 'is_read_only', 'isro', 'last_snapshot'],
  ...['lsnp', 'leader', 'lead', 'observer_connection_stat_reset', 'orst', 'observers', 'obsr', 'ruok', 'server_stats'],
  ...['srvr', 'set_trace_mask', 'stmk', 'set_trace_mask?traceMask=306', 'set_trace_mask?traceMask=x', 'stats', 'stat'],
  ...['stat_reset', 'srst', 'voting_view', 'watch_summary', 'wchs', 'watches', 'wchc', 'watches_by_path', 'wchp'],
  ...['zabstate', 'nonsense'],
];

/** Their keys are sessions, paths, times, server ids. */
const isData = (path: string): boolean =>
  /^(expiry_time_to_session_ids|session_id_to_\w+|path_to_session_ids|current_config)$/.test(path);

/** Of these the values are the same, too. */
const SAME =
  /^(command|error|read_only|server_id|voting|zabstate|is_leader|leader_id|tracemask|leader_ip|observers|synced_observers)$/;

const sameFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => SAME.test(key)));

describe.skipIf(!available)(`the AdminServer beside Apache's${available ? '' : ` (skipped: ${reason})`}`, () => {
  let apache: OperatedEnsemble;
  let ours: OperatedEnsemble;

  beforeAll(async () => {
    [apache, ours] = await Promise.all([
      OperatedEnsemble.start({ engine: 'apache' }),
      OperatedEnsemble.start({ engine: 'embedded' }),
    ]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([apache[Symbol.asyncDispose](), ours[Symbol.asyncDispose]()]);
  });

  it.each(COMMANDS)('%s has the same fields of the same types', async (command) => {
    const [theirs, own] = await Promise.all([apache.fields(command), ours.fields(command)]);
    expect(shapeOf(own, isData).sort()).toEqual(shapeOf(theirs, isData).sort());
    expect(sameFields(own)).toEqual(sameFields(theirs));
  });

  it('lists the same commands, and those of later versions', async () => {
    const linksOf = async (of: OperatedEnsemble): Promise<string[]> => {
      const response = await fetch(of.url('/commands/'));
      return [...(await response.text()).matchAll(/<a href="\/commands\/\w+">(\w+)<\/a>/g)].map(([, name]) => name!);
    };
    const theirs = await linksOf(apache);
    const later = ['restore', 'shed_connections', 'snapshot'];
    expect(await linksOf(ours)).toEqual([...theirs, ...later].sort());
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])(
    '%s of a command gets the same status',
    async (method) => {
      const statusOf = async (of: OperatedEnsemble): Promise<number> =>
        (await fetch(of.url('/commands/ruok'), { method })).status;
      expect(await statusOf(ours)).toBe(await statusOf(apache));
    },
  );

  it.each(['/', '/commandsx', '/commands/../etc/passwd'])('%s is not found on either', async (path) => {
    const statusOf = async (of: OperatedEnsemble): Promise<number> => (await fetch(of.url(path))).status;
    expect([await statusOf(apache), await statusOf(ours)]).toEqual([404, 404]);
  });

  it("system_properties has the file's keys under the same names, and environment what both have", async () => {
    const [theirs, own] = await Promise.all([apache.fields('system_properties'), ours.fields('sysp')]);
    const zookeepers = (fields: Record<string, unknown>): string[] =>
      Object.keys(fields).filter((key) => key.startsWith('zookeeper.') && key !== 'zookeeper.version');
    // The test kit gives an embedded server two keys more.
    const hasty = ['zookeeper.forceSync'];
    expect(zookeepers(own).filter((key) => !hasty.includes(key))).toEqual(zookeepers(theirs).sort());
    const [theirEnvironment, ownEnvironment] = await Promise.all([apache.fields('envi'), ours.fields('envi')]);
    const notJavas = (fields: Record<string, unknown>): string[] =>
      Object.keys(fields).filter((key) => !/^(java|node|process)\./.test(key));
    expect(notJavas(ownEnvironment)).toEqual(notJavas(theirEnvironment));
  });
});

describe.skipIf(!available)(
  `the AdminServers of three beside Apache's${available ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('have the same fields on leader and follower', async () => {
      await using apache = await OperatedEnsemble.start({ engine: 'apache', servers: 3 });
      await using ours = await OperatedEnsemble.start({ engine: 'embedded', servers: 3 });
      for (const role of ['leader', 'follower']) {
        const at = async (of: OperatedEnsemble): Promise<number> => {
          for (const server of of.ensemble.servers) if ((await server.mode()) === role) return server.id;
          throw new Error(`expected a ${role}`);
        };
        const [theirId, ownId] = await Promise.all([at(apache), at(ours)]);
        // Not `icfg`: 3.8.0 forgets its configuration in an ensemble, and answers null.
        for (const command of [
          'conf',
          'lead',
          'srvr',
          'zabstate',
          'voting_view',
          'obsr',
          'dump',
          'stat',
          'isro',
          'ruok',
        ]) {
          const [theirs, own] = await Promise.all([apache.fields(command, theirId), ours.fields(command, ownId)]);
          const shapes = (fields: Record<string, unknown>): string[] => shapeOf(withoutChance(fields), isData).sort();
          expect({ role, command, shape: shapes(own) }).toEqual({ role, command, shape: shapes(theirs) });
          expect({ role, command, ...sameFields(own) }).toEqual({ role, command, ...sameFields(theirs) });
        }
      }
      const typesIn = (view: unknown): unknown =>
        Object.entries(view as Record<string, { learner_type: unknown }>).map(([id, one]) => [id, one.learner_type]);
      const [theirView, ownView] = await Promise.all([apache.fields('voting_view'), ours.fields('voting_view')]);
      expect(typesIn(ownView['current_config'])).toEqual(typesIn(theirView['current_config']));
    }, 90_000);
  },
);

/** Who is connected to which of the three is chance, and when a session is looked at again too. */
function withoutChance({
  connections: _connections,
  session_id_to_ephemeral_paths: _paths,
  expiry_time_to_session_ids: _sessions,
  ...rest
}: Record<string, unknown>) {
  return rest;
}
