/**
 * What anybody can send to any port: nothing, a byte, garbage, lengths that can not be, half a handshake, thousands of
 * connections. Each is ended with a line at most, nobody else notices, and memory and handles come back.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { createCertificates } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scratchDirectory } from '../../__fixtures__/disk.js';
import { configs, embedAll, type EmbeddedServer, until } from '../../__fixtures__/servers.js';

const MIB = 1 << 20;

const handles = (): number => readdirSync('/proc/self/fd').length;

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Resolves when the server has ended the connection, whatever it said before. */
function stranger(port: number, bytes: Buffer | string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => bytes.length > 0 && socket.write(bytes));
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    // An end is answered with an end: what stays open is the server's doing.
    socket.resume();
  });
}

/** Opens and drops, so many at a time. */
async function crowd(port: number, count: number, bytes: Buffer): Promise<void> {
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const socket: Socket = connect(port, '127.0.0.1', () => {
        socket.write(bytes);
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
    });
  for (let done = 0; done < count; done += 100) await Promise.all(Array.from({ length: 100 }, one));
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const hello = Buffer.from('160301020001000001fc0303', 'hex');
/** The greeting of server 9 on the election port, but for its last part. */
const greeting = (length: number): Buffer =>
  Buffer.concat([Buffer.from('ffffffffffff0000', 'hex'), Buffer.from('0000000000000009', 'hex'), int(length)]);

/** By port: what is sent there, with a name for who reads a failure. */
const ATTACKS: Readonly<Record<'client' | 'quorum' | 'election' | 'admin', Readonly<Record<string, Buffer | string>>>> =
  {
    client: {
      nothing: '',
      'a byte': Buffer.from([0]),
      'a negative length': int(-5),
      'a huge length': int(0x7fff_fff0),
      'a length and nothing behind it': int(44),
      'a request before any session': Buffer.concat([int(8), int(1), int(11)]),
      'half a TLS handshake': hello,
      'TLS garbage': Buffer.concat([Buffer.from([0x16]), Buffer.alloc(2000, 7)]),
    },
    quorum: {
      nothing: '',
      'a byte': Buffer.from([0]),
      garbage: Buffer.alloc(4096, 0xa5),
      'a negative length inside': Buffer.concat([int(11), Buffer.alloc(8), int(-7)]),
      'a huge length inside': Buffer.concat([int(11), Buffer.alloc(8), int(0x7fff_ffff)]),
      'a proposal from nobody': Buffer.concat([int(2), Buffer.alloc(8), int(0), int(-1)]),
    },
    election: {
      nothing: '',
      'a byte': Buffer.from([0xff]),
      garbage: Buffer.alloc(4096, 0x5a),
      'a negative length': greeting(-1),
      'a huge length': greeting(0x7fff_ffff),
      'half a greeting': greeting(20),
    },
    admin: {
      nothing: '',
      'a byte': 'G',
      garbage: Buffer.alloc(4096, 1),
      'headers without an end': 'GET /commands/ruok HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n',
      'headers without a limit': `GET / HTTP/1.1\r\nx: ${'y'.repeat(32_768)}\r\n\r\n`,
      'a body that never comes': 'GET /commands/ruok HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n',
      'a snapshot from nobody': `POST /commands/restore HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\n${'z'.repeat(9000)}`,
      'a negative length': 'POST /commands/restore HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      'two lengths': 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    },
  };

async function three(): Promise<{ servers: EmbeddedServer[]; leader: EmbeddedServer }> {
  const certificates = createCertificates(scratchDirectory());
  const servers = await embedAll(
    await configs(3, [
      'maxClientCnxns=0',
      'nio.sessionlessCnxnTimeout=1000',
      'client.portUnification=true',
      'ssl.handshakeDetectionTimeoutMillis=1000',
      `ssl.keyStore.location=${certificates.server.pemFile}`,
      `ssl.trustStore.location=${certificates.caPemFile}`,
      'admin.idleTimeout=2000',
    ]),
  );
  return { servers, leader: servers.find(({ server }) => server.describe().state === 'leading')! };
}

function portsOf({ config, server }: EmbeddedServer): Readonly<Record<keyof typeof ATTACKS, number>> {
  const own = config.quorum!.members.find(({ id }) => id === config.serverId)!;
  return {
    client: server.clientPort,
    quorum: own.quorum.port,
    election: own.election.port,
    admin: config.admin.address.port,
  };
}

const events = ({ log }: EmbeddedServer): string[] =>
  log.lines.filter(({ level }) => level === 'warn' || level === 'error').map(({ event }) => event);

describe('a stranger', () => {
  it('is ended, on every port, with a line at most; the ensemble does not notice', async () => {
    const { servers, leader } = await three();
    const client = await ZooKeeper.connect({
      connect: servers.map(({ server }) => `127.0.0.1:${server.clientPort}`).join(','),
      sessionTimeoutMs: 8000,
    });
    onTestFinished(async () => void (await client[Symbol.asyncDispose]()));
    const { id } = client.session!;
    const epoch = leader.server.describe().currentEpoch;
    const ports = portsOf(leader);
    const before = { handles: handles(), events: events(leader).length };
    const attacks = Object.entries(ATTACKS).flatMap(([port, all]) =>
      Object.values(all).map((bytes) => stranger(ports[port as keyof typeof ATTACKS], bytes)),
    );
    await client.create('/during', 'x');
    await Promise.all(attacks);
    await client.create('/after', 'x');
    expect(client.session!.id).toBe(id);
    expect(leader.server.describe()).toMatchObject({ state: 'leading', phase: 'broadcast', currentEpoch: epoch });
    // Two ends of each connection were here.
    await expect.poll(handles, { timeout: 5000 }).toBeLessThanOrEqual(before.handles + 2);
    expect(events(leader).length - before.events).toBeLessThanOrEqual(attacks.length);
    expect(leader.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  }, 40_000);

  it('who comes a thousand times leaves neither memory nor handles behind', async () => {
    const { servers, leader } = await three();
    const ports = Object.values(portsOf(leader));
    const round = async (): Promise<void> => {
      for (const port of ports) {
        for (const bytes of [randomBytes(64), hello, int(0x7fff_fff0)]) await crowd(port, 100, bytes);
      }
    };
    await round();
    // The recorded log is the test's own.
    const settled = (): number => {
      for (const { log } of servers) log.lines.length = 0;
      return heapBytes();
    };
    const handlesBefore = handles();
    const before = settled();
    await round();
    await expect.poll(handles, { timeout: 15_000 }).toBeLessThanOrEqual(handlesBefore + 2);
    await expect.poll(settled, { timeout: 15_000 }).toBeLessThan(before + 4 * MIB);
    expect(leader.server.describe()).toMatchObject({ state: 'leading', phase: 'broadcast' });
  }, 60_000);

  it('who holds every place on the quorum port does not keep a learner out', async () => {
    const { servers, leader } = await three();
    const { quorum } = portsOf(leader);
    const follower = servers.find((one) => one !== leader)!;
    for (let i = 0; i < 300; i++) void stranger(quorum, Buffer.from([0]));
    await follower.server.close();
    await until('all places are taken', () => leader.log.lines.some(({ event }) => event.startsWith('too many conn')));
    const [again] = await embedAll([follower.config]);
    expect(again!.server.describe()).toMatchObject({ state: 'following', phase: 'broadcast' });
  }, 40_000);
});
