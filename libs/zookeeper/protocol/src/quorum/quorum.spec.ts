import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, cut, id, int, long, nullableBytes } from '../__fixtures__/arbitraries.js';
import { capturedConnections, inChunks } from '../__fixtures__/captured.js';
import * as zk from '../index.js';

const { PacketType } = zk;
const connections = capturedConnections('quorum.json').flatMap(({ dialler, acceptor }, i) => [
  { name: `learner ${i} to leader`, side: 'leader' as const, stream: dialler },
  { name: `leader to learner ${i}`, side: 'learner' as const, stream: acceptor },
]);

function read(stream: Buffer, side: 'leader' | 'learner', chunkBytes = stream.length): zk.QuorumStreamItem[] {
  const decoder = new zk.QuorumStreamDecoder({ side });
  return inChunks(stream, chunkBytes).flatMap((chunk) => decoder.push(chunk));
}

/** Writes a stream again from what was read of it. */
function encode(items: readonly zk.QuorumStreamItem[]): Buffer {
  const writer = new zk.JuteWriter();
  const body: zk.SnapshotItem[] = [];
  for (const item of items) {
    if (item.kind === 'packet') zk.encodeQuorumPacket(writer, item.packet);
    else if (item.kind === 'snapshotItem') body.push(item.item);
    else encodeSnapshot(writer, body);
  }
  return writer.toBuffer();
}

function encodeSnapshot(writer: zk.JuteWriter, items: readonly zk.SnapshotItem[]): void {
  zk.encodeSnapshotSessionCount(writer, items.filter(({ kind }) => kind === 'session').length);
  for (const item of items)
    if (item.kind === 'session') zk.encodeSnapshotSession(writer, item.sessionId, item.timeoutMs);
  zk.encodeSnapshotAclCount(writer, items.filter(({ kind }) => kind === 'acl').length);
  for (const item of items) if (item.kind === 'acl') zk.encodeSnapshotAcl(writer, item.index, item.acl);
  for (const item of items) {
    if (item.kind === 'node') zk.encodeSnapshotNode(writer, item.path, item.data, item.aclIndex, item.stat);
  }
  zk.encodeSnapshotEnd(writer);
  zk.encodeSnapshotSignature(writer);
}

const packetsOf = (items: readonly zk.QuorumStreamItem[]): zk.QuorumPacket[] =>
  items.flatMap((item) => (item.kind === 'packet' ? [item.packet] : []));
const all = connections.map(({ stream, side }) => read(stream, side));
const packets = all.flatMap(packetsOf);
const ofType = (type: number): zk.QuorumPacket[] => packets.filter((packet) => packet.type === type);
const kindsOf = (items: readonly zk.QuorumStreamItem[]): string[] =>
  items.map((item) => (item.kind === 'packet' ? zk.packetTypeName(item.packet.type)! : item.kind));

describe('what Apache servers sent each other', () => {
  it('holds every packet but TRUNC', () => {
    const names = Object.keys(PacketType).filter(
      (name) => ofType(PacketType[name as keyof typeof PacketType]).length === 0,
    );
    expect(names).toEqual(['TRUNC']);
  });

  it.each(connections)('is encoded to the same bytes: $name', ({ stream, side }) => {
    expect(encode(read(stream, side))).toEqual(stream);
  });

  it.each(connections)('reads the same in chunks of any size: $name', ({ stream, side }) => {
    const whole = read(stream, side);
    for (const size of [1, 5, 64]) expect(read(stream, side, size)).toEqual(whole);
  });

  it('goes on with packets behind a snapshot', () => {
    const synced = all.find((items) => items.some(({ kind }) => kind === 'snapshotEnd'))!;
    const kinds = kindsOf(synced);
    const end = kinds.indexOf('snapshotEnd');
    expect(kinds.slice(0, 2)).toEqual(['LEADERINFO', 'SNAP']);
    expect(kinds.slice(2, end).every((kind) => kind === 'snapshotItem')).toBe(true);
    expect(kinds.slice(end + 1, end + 3)).toEqual(['NEWLEADER', 'UPTODATE']);
  });

  it('has transactions in its proposals', () => {
    for (const { zxid, data } of [...ofType(PacketType.PROPOSAL), ...ofType(PacketType.INFORM)]) {
      const { header, txn, digest } = zk.decodeTxnRecord(data!);
      expect(header.zxid).toBe(zxid);
      expect(zk.encodeTxnRecord(header, txn, digest)).toEqual(data);
    }
  });

  it('has the client and its request in a REQUEST', () => {
    const requests = ofType(PacketType.REQUEST).map(({ data, authinfo }) => ({
      ...zk.decodeLearnerRequest(data),
      authinfo,
    }));
    for (const request of requests)
      expect(ofType(PacketType.REQUEST).map(({ data }) => data)).toContainEqual(zk.encodeLearnerRequest(request));
    const create = requests.find(({ type }) => type === zk.OpCode.create)!;
    expect(zk.decodeCreateRequest(new zk.JuteReader(create.body)).path).toBe('/early');
    expect(create.authinfo!.map(({ scheme }) => scheme).sort()).toEqual(['digest', 'ip']);
    expect(requests.map(({ type }) => zk.opCodeName(type))).toEqual(
      expect.arrayContaining(['createSession', 'multi', 'sync', 'closeSession']),
    );
  });

  const payload = <T>(
    name: keyof typeof PacketType,
    decode: (data: Buffer | null) => T,
    encodeAgain: (value: T) => Buffer,
  ) => [name, decode, encodeAgain as (value: unknown) => Buffer] as const;

  it.each([
    payload('FOLLOWERINFO', zk.decodeLearnerInfo, zk.encodeLearnerInfo),
    payload('OBSERVERINFO', zk.decodeLearnerInfo, zk.encodeLearnerInfo),
    payload('LEADERINFO', zk.decodeLeaderInfo, zk.encodeLeaderInfo),
    payload('ACKEPOCH', zk.decodeAckEpoch, zk.encodeAckEpoch),
    payload('COMMITANDACTIVATE', zk.decodeCommitAndActivate, zk.encodeCommitAndActivate),
    payload('INFORMANDACTIVATE', zk.decodeInformAndActivate, zk.encodeInformAndActivate),
  ])(
    'has data in its %s that comes back as it went, and is refused when null or cut short',
    (name, decode, encodeAgain) => {
      for (const { data } of ofType(PacketType[name])) {
        expect(encodeAgain(decode(data))).toEqual(data);
        expect(() => decode(data!.subarray(0, 3))).toThrow(expect.objectContaining({ code: 'ZK_JUTE_TRUNCATED' }));
      }
      expect(() => decode(null)).toThrow(expect.objectContaining({ code: 'ZK_JUTE_NULL' }));
    },
  );

  it('names the learner and its protocol', () => {
    expect(ofType(PacketType.OBSERVERINFO).map(({ data }) => zk.decodeLearnerInfo(data))).toEqual([
      { serverId: 4n, protocolVersion: zk.LEARNER_PROTOCOL_VERSION, configVersion: 0x1_0000_0000n },
    ]);
    expect(ofType(PacketType.ACKEPOCH).map(({ data }) => zk.decodeAckEpoch(data))).toContain(0);
  });

  it('asks whether a session is alive and gets an answer', () => {
    const [question, answer] = ofType(PacketType.REVALIDATE);
    const asked = zk.decodeRevalidate(question!.data);
    expect(zk.encodeRevalidate(asked)).toEqual(question!.data);
    const answered = zk.decodeRevalidateAnswer(answer!.data);
    expect(answered).toEqual({ sessionId: asked.sessionId, valid: true });
    expect(zk.encodeRevalidateAnswer(answered)).toEqual(answer!.data);
  });

  it('tells touched sessions in a learner’s PING, none in a leader’s', () => {
    const pings = ofType(PacketType.PING).map(({ data }) => ({ data, sessions: zk.decodeTouchedSessions(data) }));
    const touched = pings.filter(({ sessions }) => sessions.length > 0);
    expect(touched.length).toBeGreaterThan(0);
    for (const { data, sessions } of touched) {
      expect(sessions[0]!.timeoutMs).toBe(10_000);
      expect(zk.encodeTouchedSessions(sessions)).toEqual(data);
    }
    expect(zk.decodeTouchedSessions(null)).toEqual([]);
    expect(() => zk.decodeTouchedSessions(Buffer.alloc(13))).toThrow(
      expect.objectContaining({ code: 'ZK_JUTE_TRUNCATED' }),
    );
  });
});

describe('older learners', () => {
  it('give their id only', () => {
    const data = Buffer.alloc(8);
    data[7] = 3;
    expect(zk.decodeLearnerInfo(data)).toEqual({ serverId: 3n, protocolVersion: 1, configVersion: null });
  });

  it('give no configuration', () => {
    const info = { serverId: 3n, protocolVersion: zk.LEARNER_PROTOCOL_VERSION, configVersion: null };
    const data = zk.encodeLearnerInfo(info);
    expect(data).toHaveLength(12);
    expect(zk.decodeLearnerInfo(data)).toEqual(info);
  });
});

describe('QuorumStreamDecoder', () => {
  const packet = (type: number): Buffer => {
    const writer = new zk.JuteWriter();
    zk.encodeQuorumPacket(writer, { type, zxid: 5n, data: null, authinfo: null });
    return writer.toBuffer();
  };
  const text = (value: string | null): Buffer => {
    const writer = new zk.JuteWriter();
    writer.writeString(value);
    return writer.toBuffer();
  };
  const emptyBody = Buffer.from('0000000000000000000000012f', 'hex');

  it('on a leader’s side expects no snapshot, whatever a learner says', () => {
    const stream = Buffer.concat([packet(PacketType.SNAP), packet(PacketType.ACK)]);
    expect(kindsOf(read(stream, 'leader'))).toEqual(['SNAP', 'ACK']);
  });

  it('reads one snapshot after the other', () => {
    const snap = Buffer.concat([packet(PacketType.SNAP), emptyBody, text('BenWasHere')]);
    expect(kindsOf(read(Buffer.concat([snap, snap]), 'learner', 7))).toEqual([
      'SNAP',
      'snapshotEnd',
      'SNAP',
      'snapshotEnd',
    ]);
  });

  it.each(['BenWasNot!', null])('refuses %j for the end mark of a snapshot', (signature) => {
    const stream = Buffer.concat([packet(PacketType.SNAP), emptyBody, text(signature)]);
    for (const size of [1, 100]) {
      expect(() => read(stream, 'learner', size)).toThrow(
        expect.objectContaining({ code: 'ZK_QUORUM_SIGNATURE', received: signature }),
      );
    }
  });

  it('refuses a packet whose data is over the limit before it has come', () => {
    const header = Buffer.alloc(16);
    header.writeInt32BE(0x7fff_ffff, 12);
    expect(() => read(header, 'leader')).toThrow(expect.objectContaining({ code: 'ZK_JUTE_LENGTH' }));
  });

  it('refuses a packet of more parts than it should ever have', () => {
    const decoder = new zk.QuorumStreamDecoder({ side: 'leader', maxFieldBytes: 100 });
    const header = Buffer.concat([packet(PacketType.REQUEST).subarray(0, 16), Buffer.from('7fffffff', 'hex')]);
    expect(() => decoder.push(header)).toThrow(expect.objectContaining({ code: 'ZK_JUTE_LENGTH' }));
  });

  it('finds the same packets wherever the stream is cut', () => {
    const packetArbitrary = fc.record({
      type: int.filter((type) => type !== PacketType.SNAP),
      zxid: long,
      data: nullableBytes,
      authinfo: fc.option(fc.array(id, { maxLength: 3 }), { nil: null }),
    });
    const streams = fc.array(packetArbitrary, { maxLength: 5 }).chain((some) => {
      const stream = encode(some.map((each) => ({ kind: 'packet', packet: each })));
      return fc.tuple(fc.constant(some), cut(stream));
    });
    fc.assert(
      fc.property(streams, ([some, chunks]) => {
        const decoder = new zk.QuorumStreamDecoder({ side: 'learner' });
        expect(packetsOf(chunks.flatMap((chunk) => decoder.push(chunk)))).toEqual(some);
      }),
    );
  });
});

describe('payloads', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(long, int, int, bytes, fc.boolean(), (sessionId, cxid, type, body, valid) => {
        const request = { sessionId, cxid, type, body };
        expect(zk.decodeLearnerRequest(zk.encodeLearnerRequest(request))).toEqual(request);
        const answer = { sessionId, valid };
        expect(zk.decodeRevalidateAnswer(zk.encodeRevalidateAnswer(answer))).toEqual(answer);
        const inform = { designatedLeader: sessionId, record: body };
        expect(zk.decodeInformAndActivate(zk.encodeInformAndActivate(inform))).toEqual(inform);
      }),
    );
  });
});
