import {
  encodeQuorumPacket,
  encodeSnapshotEnd,
  JuteWriter,
  PacketType,
  type QuorumPacket,
} from '@menagerie/zookeeper-protocol';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SnapshotSource } from '../../core/contract/index.js';
import { LeaderConnection } from './leader-connection.js';
import { LearnerLinks } from './learner-links.js';
import { plainTransport } from '../tls/index.js';
import { closeServer, listen } from './listen.js';
import { recordingLog, until, visit } from './net.fixtures.js';

function bytesOf(type: number, zxid: bigint): Buffer {
  const writer = new JuteWriter();
  encodeQuorumPacket(writer, { type, zxid, data: null, authinfo: null } as QuorumPacket);
  return writer.toBuffer();
}

/** An empty database in three pieces. */
function tinySnapshot(): SnapshotSource {
  const writer = new JuteWriter();
  writer.writeInt(0);
  writer.writeInt(0);
  encodeSnapshotEnd(writer);
  const body = writer.toBuffer();
  let at = 0;
  return {
    zxid: 0n,
    treeDigest: 0n,
    next: () => (at < body.length ? body.subarray(at, (at += 5)) : null),
    abort: () => undefined,
  };
}

async function quorum() {
  const probe = createServer();
  const port = await listen(probe, { host: '127.0.0.1', port: 0 });
  await closeServer(probe, []);
  const log = recordingLog();
  const events: string[] = [];
  const links = new LearnerLinks({
    listenOn: () => ({ host: '127.0.0.1', port }),
    transport: plainTransport,
    onConnected: (link) => events.push(`connected ${link}`),
    onPacket: (link, packet) => events.push(`${link}: ${packet.type} ${packet.zxid}`),
    onClosed: (link) => events.push(`closed ${link}`),
    maxFieldBytes: 1000,
    log,
  });
  onTestFinished(() => links.close());
  const learner = () => {
    const heard: string[] = [];
    const connection = new LeaderConnection({
      leader: { host: '127.0.0.1', port },
      transport: plainTransport,
      connectTimeoutMs: 5000,
      maxFieldBytes: 1000,
      onConnected: () => heard.push('connected'),
      onPacket: (packet) => heard.push(`${packet.type} ${packet.zxid}`),
      onSnapshotItem: (item) => heard.push(item.kind),
      onSnapshotEnd: () => heard.push('snapshot end'),
      onClosed: () => heard.push('closed'),
      log,
    });
    onTestFinished(() => connection.close());
    return { connection, heard };
  };
  return { links, learner, events, log, port };
}

describe('the quorum port', () => {
  it('a learner that comes before the leader has opened dials until it is taken', async () => {
    const { links, learner, events } = await quorum();
    const { connection, heard } = learner();
    await until('an attempt was refused', () => connection.attempts > 1);
    links.accept(true);
    await until('connected on both sides', () => heard.includes('connected') && events.includes('connected 1'));
    connection.send(bytesOf(PacketType.FOLLOWERINFO, 5n));
    await until('the packet', () => events.includes(`1: ${PacketType.FOLLOWERINFO} 5`));
    expect(heard).toEqual(['connected']);
  });

  it('what is sent after a snapshot arrives after it, and what was sent before arrives before', async () => {
    const { links, learner, events } = await quorum();
    links.accept(true);
    const { heard } = learner();
    await until('connected', () => events.length === 1);
    links.send(1, bytesOf(PacketType.SNAP, 9n));
    links.streamSnapshot(1, tinySnapshot());
    links.send(1, bytesOf(PacketType.PROPOSAL, 10n));
    links.send(1, bytesOf(PacketType.NEWLEADER, 11n));
    await until('all of it', () => heard.length === 5);
    expect(heard).toEqual([
      'connected',
      `${PacketType.SNAP} 9`,
      'snapshot end',
      `${PacketType.PROPOSAL} 10`,
      `${PacketType.NEWLEADER} 11`,
    ]);
  });

  it('when leadership ends nobody gets in any more, and those inside are closed by their links', async () => {
    const { links, learner, events } = await quorum();
    links.accept(true);
    const { heard } = learner();
    await until('connected', () => heard.includes('connected') && events.length === 1);
    links.accept(false);
    const late = learner();
    await until('the late one is refused', () => late.connection.attempts > 1);
    late.connection.close();
    expect(heard).toEqual(['connected']);
    links.send(1, bytesOf(PacketType.PING, 3n));
    links.closeLink(1);
    await until('the learner hears', () => heard.includes('closed'));
    expect(heard).toEqual(['connected', `${PacketType.PING} 3`, 'closed']);
    expect(events).toEqual(['connected 1']);
  });

  it('a stranger with a packet that can not be is hung up on, and a learner is not disturbed', async () => {
    const { links, learner, events, port, log } = await quorum();
    links.accept(true);
    const { connection } = learner();
    await until('connected', () => events.length === 1);
    const stranger = visit(port);
    stranger.socket.write(Buffer.from('00000002' + '0000000000000000' + '7fffffff', 'hex'));
    await stranger.closed;
    connection.send(bytesOf(PacketType.PING, 0n));
    await until('the learner is heard', () => events.includes(`1: ${PacketType.PING} 0`));
    expect(log.lines.map((line) => line.event)).toEqual(['bad packet on the quorum port, connection closed']);
  });
});
