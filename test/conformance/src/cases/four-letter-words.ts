/** The operator's commands on the client port: their text is read by programs and must not move. */
import { AddWatchMode, CreateMode } from '@menagerie/zookeeper-protocol';
import type { TestServer } from '@menagerie/zookeeper-testing';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { fourLetterWord } from '../net/four-letter-word.js';
import { about, claim } from '../suite/claim.js';
import { TICK_MS, type TopologyName } from '../suite/topologies.js';

const ENSEMBLE: readonly TopologyName[] = ['follower', 'leader'];
const hex = (sessionId: bigint): string => `0x${BigInt.asUintN(64, sessionId).toString(16)}`;

const VERSION = String.raw`\d+\.\d+\.\d+\S*, built on .+`;
const serverLines = (mode: string): RegExp =>
  new RegExp(
    [
      String.raw`Latency min/avg/max: \d+/\d+(\.\d+)?/\d+`,
      String.raw`Received: \d+`,
      String.raw`Sent: \d+`,
      String.raw`Connections: \d+`,
      String.raw`Outstanding: \d+`,
      String.raw`Zxid: 0x[0-9a-f]+`,
      `Mode: ${mode}`,
      String.raw`Node count: \d+`,
      ...(mode === 'leader' ? [String.raw`Proposal sizes last/min/max: -?\d+/-?\d+/-?\d+`] : []),
      '$',
    ].join('\n'),
  );

/** `key=value` lines up to the first that is none. */
const settingsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^([\w.]+)=(.*)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value]];
    }),
  );

const gauges = async (server: TestServer): Promise<Map<string, string>> => {
  const lines = (await fourLetterWord(server, 'mntr')).split('\n');
  expect(lines.pop()).toBe('');
  for (const line of lines) expect(line).toMatch(/^zk_[^\t]+\t.*$/);
  return new Map(lines.map((line) => line.split('\t') as [string, string]));
};

/** What scrapers read. */
const GAUGES = [
  'version server_state avg_latency max_latency min_latency packets_received packets_sent num_alive_connections',
  'outstanding_requests znode_count watch_count ephemerals_count approximate_data_size uptime global_sessions',
  'local_sessions open_file_descriptor_count max_file_descriptor_count connection_drop_probability auth_failed_count',
  'last_client_response_size max_client_response_size min_client_response_size outstanding_tls_handshake',
]
  .join(' ')
  .split(' ');

const LEADER_GAUGES = [
  'learners synced_followers synced_non_voting_followers synced_observers pending_syncs leader_uptime',
  'last_proposal_size max_proposal_size min_proposal_size',
]
  .join(' ')
  .split(' ');

export const fourLetterWords = about(
  'four-letter words',
  claim('ruok: imok, without a newline', async ({ server }) => {
    expect(await fourLetterWord(server, 'ruok')).toBe('imok');
  }),
  claim('srvr: the version and eight lines more, nine on a leader', async ({ server, topology }) => {
    const [version, ...rest] = (await fourLetterWord(server, 'srvr')).split('\n');
    expect(version).toMatch(new RegExp(`^Zookeeper version: ${VERSION}$`));
    expect(rest.join('\n')).toMatch(new RegExp(`^${serverLines(topology).source}`));
  }),
  claim(
    'srvr tells the last zxid and the number of nodes, the root counted twice',
    async ({ client, server, root }) => {
      const { zxid } = await client.setData(root, 'x');
      const text = await fourLetterWord(server, 'srvr');
      expect(text).toContain(`\nZxid: 0x${zxid.toString(16)}\n`);
      expect(text).toContain(`\nNode count: ${ok(await client.getAllChildrenNumber('/')) + 2}\n`);
    },
  ),
  claim('stat: the same with a line a connection', async ({ server, topology }) => {
    const text = await fourLetterWord(server, 'stat');
    const client = String.raw` /127\.0\.0\.1:\d+\[[0-9a-f]+\]\(queued=\d+,recved=\d+,sent=\d+\)`;
    const clients = `Zookeeper version: ${VERSION}\nClients:\n(${client}\n)+\n`;
    expect(text).toMatch(new RegExp(`^${clients}${serverLines(topology).source}`));
  }),
  claim(
    'conf: what the server was told, and its defaults',
    async ({ server }) => {
      const text = await fourLetterWord(server, 'conf');
      expect(settingsOf(text)).toMatchObject({
        clientPort: String(server.clientPort),
        secureClientPort: '-1',
        dataDir: expect.stringMatching(/\/version-2$/),
        dataDirSize: expect.stringMatching(/^\d+$/),
        dataLogDir: expect.stringMatching(/\/version-2$/),
        dataLogSize: expect.stringMatching(/^\d+$/),
        tickTime: String(TICK_MS),
        maxClientCnxns: '0',
        minSessionTimeout: '400',
        maxSessionTimeout: '30000',
        clientPortListenBacklog: '-1',
        serverId: '0',
      });
      expect(text.endsWith('\n')).toBe(true);
    },
    { on: ['standalone'] },
  ),
  claim(
    'conf: a member tells the ensemble, too',
    async ({ client, server }) => {
      const text = await fourLetterWord(server, 'conf');
      expect(settingsOf(text)).toMatchObject({
        serverId: String(server.id),
        initLimit: '100',
        syncLimit: '50',
        electionAlg: '3',
        electionPort: String(server.ports.election),
        quorumPort: String(server.ports.quorum),
        peerType: '0',
      });
      const config = ok(await client.getData('/zookeeper/config')).data?.toString();
      expect(text).toContain(`\nmembership: \n${config}`);
    },
    { on: ENSEMBLE },
  ),
  claim('cons: a line a connection, with its session', async ({ client, server, root }) => {
    ok(await client.getData(root));
    const line = (await fourLetterWord(server, 'cons'))
      .split('\n')
      .find((each) => each.includes(hex(client.sessionId)));
    expect(line).toMatch(
      new RegExp(
        [
          String.raw`^ /127\.0\.0\.1:\d+\[\d\]\(queued=0,recved=3,sent=3,sid=${hex(client.sessionId)},lop=GETD,est=\d{13}`,
          String.raw`to=${client.timeoutMs},lcxid=0x2,lzxid=0x[0-9a-f]+,lresp=\d+,llat=\d+,minlat=\d+,avglat=\d+`,
          String.raw`maxlat=\d+\)$`,
        ].join(','),
      ),
    );
  }),
  claim('cons: the last operation by its short name', async ({ client, server, root }) => {
    const lastOperation = async (): Promise<string | undefined> =>
      (await fourLetterWord(server, 'cons'))
        .split('\n')
        .find((each) => each.includes(hex(client.sessionId)))
        ?.replace(/^.*,lop=(\w+),.*$/, '$1');
    expect(await lastOperation()).toBe('CREA');
    const operations: [() => Promise<unknown>, string][] = [
      [() => client.exists(root), 'EXIS'],
      [() => client.setData(root, 'x'), 'SETD'],
      [() => client.getAcl(root), 'GETA'],
      [() => client.setAcl(root, [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]), 'SETA'],
      [() => client.getChildren(root), 'GETC'],
      [() => client.sync(root), 'SYNC'],
      [() => client.ping(), 'PING'],
      [() => client.multi([]), 'MULT'],
      [() => client.multiRead([]), 'MLTR'],
      [() => client.setWatches({}), 'SETW'],
      [() => client.setWatches2({}), 'STW2'],
      [() => client.addWatch(root, AddWatchMode.persistent), 'ADDW'],
      [() => client.checkWatches(root, 1), 'CHKW'],
      [() => client.removeWatches(root, 3), 'REMW'],
      [() => client.getEphemerals(null), 'GETE'],
      [() => client.getAllChildrenNumber(root), 'GETACN'],
      [() => client.whoAmI(), 'HOMI'],
      [() => client.delete(root), 'DELE'],
      [() => client.delete(root), 'NA'],
    ];
    for (const [operation, name] of operations) {
      await operation();
      expect(await lastOperation()).toBe(name);
    }
  }),
  claim('crst: connections are counted from now on', async ({ client, server, root }) => {
    ok(await client.getData(root));
    expect(await fourLetterWord(server, 'crst')).toBe('Connection stats reset.\n');
    const line = (await fourLetterWord(server, 'cons'))
      .split('\n')
      .find((each) => each.includes(hex(client.sessionId)));
    expect(line).toContain('(queued=0,recved=0,sent=0,');
    expect(line).toContain(',lop=NA,');
  }),
  claim('srst: the server is counted from now on', async ({ server }) => {
    expect(await fourLetterWord(server, 'srst')).toBe('Server stats reset.\n');
    const text = await fourLetterWord(server, 'srvr');
    expect(Number(/^Received: (\d+)$/m.exec(text)?.[1])).toBeLessThan(10);
  }),
  claim('dump: sessions, their ephemeral nodes, connections', async ({ client, server, root, topology }) => {
    ok(await client.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    const text = await fourLetterWord(server, 'dump');
    const id = hex(client.sessionId);
    expect(text).toMatch(/^SessionTracker dump:\n/);
    if (topology === 'follower') {
      expect(text).toMatch(/\nGlobal Sessions\(\d+\):\n/);
      expect(text).toContain(`\n${id}\t${client.timeoutMs}ms\n`);
    } else {
      expect(text).toMatch(/\nSession Sets \(\d+\)\/\(\d+\):\n\d+ expire at .+:\n/);
      expect(text).toContain(`\n\t${id}\n`);
    }
    expect(text).toMatch(/\nephemeral nodes dump:\nSessions with Ephemerals \(\d+\):\n0x/);
    expect(text).toContain(`\n${id}:\n\t${root}/e\n`);
    expect(text).toMatch(/\nConnections dump:\nConnections Sets \(\d+\)\/\(\d+\):\n\d+ expire at .+:\n/);
    expect(text).toMatch(new RegExp(String.raw`\n\tip: /127\.0\.0\.1:\d+ sessionId: ${id}\n`));
  }),
  claim('envi: begins with the version and the host', async ({ server }) => {
    expect(await fourLetterWord(server, 'envi')).toMatch(
      new RegExp(`^Environment:\nzookeeper\\.version=${VERSION}\nhost\\.name=.+\n`),
    );
  }),
  claim('dirs: two sizes', async ({ server }) => {
    expect(await fourLetterWord(server, 'dirs')).toMatch(/^datadir_size: \d+\nlogdir_size: \d+\n$/);
  }),
  claim('wchs, wchc, wchp: data watches in sum, by session, by path', async ({ client, connect, server, root }) => {
    const other = await connect();
    ok(await client.getData(root, true));
    ok(await other.getData(root, true));
    ok(await client.getChildren(root, true));
    expect(await fourLetterWord(server, 'wchs')).toMatch(/^\d+ connections watching \d+ paths\nTotal watches:\d+\n$/);
    expect(`\n${await fourLetterWord(server, 'wchc')}`).toContain(`\n${hex(client.sessionId)}\n\t${root}\n`);
    const byPath = `\n${await fourLetterWord(server, 'wchp')}`;
    const sessions = new RegExp(`\n${root}\n\t(0x[0-9a-f]+)\n\t(0x[0-9a-f]+)\n`).exec(byPath)?.slice(1);
    expect(sessions?.sort()).toEqual([hex(client.sessionId), hex(other.sessionId)].sort());
    expect(byPath.endsWith('\n\n')).toBe(true);
  }),
  claim('mntr: a name, a tab and a value a line, with what scrapers read', async ({ server, topology }) => {
    const values = await gauges(server);
    for (const name of GAUGES) expect([...values.keys()]).toContain(`zk_${name}`);
    expect(values.get('zk_server_state')).toBe(topology);
    for (const name of LEADER_GAUGES) expect(values.has(`zk_${name}`)).toBe(topology === 'leader');
  }),
  claim('mntr counts nodes, watches, ephemeral nodes and sessions', async ({ client, server, root }) => {
    const before = await gauges(server);
    ok(await client.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    const after = await gauges(server);
    const grown = (name: string): number => Number(after.get(`zk_${name}`)) - Number(before.get(`zk_${name}`));
    expect([grown('znode_count'), grown('ephemerals_count'), grown('watch_count')]).toEqual([1, 1, 2]);
    expect(grown('packets_received')).toBeGreaterThanOrEqual(3);
    expect(Number(after.get('zk_global_sessions'))).toBeGreaterThanOrEqual(1);
  }),
  claim(
    'mntr: a member tells its part in the quorum',
    async ({ server, topology }) => {
      const values = await gauges(server);
      expect(values.get('zk_quorum_size')).toBe('3');
      expect(values.get('zk_peer_state')).toBe(topology === 'leader' ? 'leading - broadcast' : 'following - broadcast');
      if (topology === 'leader') {
        expect(values.get('zk_learners')).toBe('2');
        expect(values.get('zk_synced_followers')).toBe('2');
      }
    },
    { on: ENSEMBLE },
  ),
  claim('isro: rw', async ({ server }) => {
    expect(await fourLetterWord(server, 'isro')).toBe('rw');
  }),
  claim('hash: the digest of some transactions', async ({ server }) => {
    expect(await fourLetterWord(server, 'hash')).toMatch(/^([0-9a-f]+: -?\d+\n)*$/);
  }),
  claim('gtmk and stmk: the trace mask is told, and set', async ({ server }) => {
    const before = await fourLetterWord(server, 'gtmk');
    expect(before).toMatch(/^\d+$/);
    const mask = Buffer.alloc(8);
    mask.writeBigInt64BE(BigInt(before));
    expect(await fourLetterWord(server, Buffer.concat([Buffer.from('stmk'), mask]))).toBe(before);
    expect(await fourLetterWord(server, 'gtmk')).toBe(before);
  }),
  claim('a word it does not know is a length that can not be', async ({ server }) => {
    for (const word of ['xxxx', 'RUOK', 'ruo ']) expect(await fourLetterWord(server, word)).toBe('');
  }),
  claim('what telnet sends on an interrupt just ends the connection', async ({ server }) => {
    expect(await fourLetterWord(server, Buffer.from('fff4fffd', 'hex'))).toBe('');
  }),
  claim('a newline behind the word is no harm', async ({ server }) => {
    expect(await fourLetterWord(server, 'ruok\n')).toBe('imok');
    expect(await fourLetterWord(server, 'ruok\r\n')).toBe('imok');
  }),
  claim('behind a handshake a word is a length that can not be', async ({ connect }) => {
    const client = await connect();
    client.write(Buffer.from('ruok'));
    await client.untilEnded();
    expect(client.transcript).toEqual([]);
  }),
  claim(
    'a word that is not allowed says so',
    async ({ server }) => {
      for (const word of ['ruok', 'mntr', 'stat', 'conf', 'isro', 'dump']) {
        const refusal = `${word} is not executed because it is not in the whitelist.\n`;
        expect(await fourLetterWord(server, word)).toBe(refusal);
      }
      expect(await fourLetterWord(server, 'srvr')).toContain('\nMode: standalone\n');
    },
    { on: ['plain'] },
  ),
);
