import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, long, text } from '../__fixtures__/arbitraries.js';
import { capturedConnections, inChunks } from '../__fixtures__/captured.js';
import {
  decodeGreeting,
  decodeNotification,
  ElectionStreamDecoder,
  encodeGreeting,
  encodeNotification,
  frameElectionMessage,
  MAX_ELECTION_MESSAGE_BYTES,
  MAX_GREETING_ADDRESS_BYTES,
  MAX_GREETING_BYTES,
  NOTIFICATION_VERSION,
  ServerState,
  type ElectionStreamItem,
  type Notification,
} from '../index.js';

const connections = capturedConnections('election.json');
const streams = connections.flatMap(({ dialler, acceptor }, i) => [
  { name: `dialler of connection ${i}`, side: 'accepted' as const, stream: dialler },
  { name: `acceptor of connection ${i}`, side: 'dialled' as const, stream: acceptor },
]);

function read(stream: Buffer, side: 'accepted' | 'dialled', chunkBytes = stream.length): ElectionStreamItem[] {
  const decoder = new ElectionStreamDecoder(side);
  return inChunks(stream, Math.max(1, chunkBytes)).flatMap((chunk) => decoder.push(chunk));
}

const encode = (items: readonly ElectionStreamItem[]): Buffer =>
  Buffer.concat(
    items.map((item) =>
      item.kind === 'greeting'
        ? encodeGreeting(item.greeting.serverId, item.greeting.addresses)
        : frameElectionMessage(encodeNotification(decodeNotification(item.body))),
    ),
  );

const vote: Notification = {
  state: ServerState.LOOKING,
  leader: 3n,
  zxid: 0x5_0000_0007n,
  electionEpoch: 4n,
  peerEpoch: 5n,
  version: NOTIFICATION_VERSION,
  config: 'server.1=a:1:2\nversion=0',
};

describe('what Apache servers said in an election', () => {
  it.each(streams)('is encoded to the same bytes: $name', ({ stream, side }) => {
    expect(encode(read(stream, side))).toEqual(stream);
  });

  it.each(streams)('reads the same in chunks of any size: $name', ({ stream, side }) => {
    const whole = read(stream, side);
    for (const size of [1, 6, 50]) expect(read(stream, side, size)).toEqual(whole);
  });

  it('is a greeting and then votes', () => {
    const [greeting, ...messages] = read(connections[0]!.dialler, 'accepted');
    expect(greeting).toMatchObject({
      kind: 'greeting',
      greeting: { serverId: 2n, addresses: [{ host: '127.0.2.2' }] },
    });
    expect(messages.map((item) => item.kind === 'message' && decodeNotification(item.body))).toEqual([
      {
        state: ServerState.LOOKING,
        leader: 2n,
        zxid: 0n,
        electionEpoch: 1n,
        peerEpoch: 0n,
        version: NOTIFICATION_VERSION,
        config: expect.stringMatching(/^server\.1=peer1:.*version=0$/s),
      },
    ]);
  });

  it('shows that an observer votes for the smallest numbers there are', () => {
    const notifications = streams
      .flatMap(({ stream, side }) => read(stream, side))
      .flatMap((item) => (item.kind === 'message' ? [decodeNotification(item.body)] : []));
    const smallest = -(2n ** 63n);
    expect(notifications).toContainEqual(
      expect.objectContaining({ leader: smallest, zxid: smallest, peerEpoch: smallest }),
    );
  });
});

describe('a notification', () => {
  it('of 28 bytes has the epoch of its zxid', () => {
    const body = encodeNotification(vote).subarray(0, 28);
    expect(decodeNotification(body)).toEqual({ ...vote, peerEpoch: 5n, version: 0, config: null });
  });

  it('of 40 bytes has an epoch, and its version is not looked at', () => {
    const body = encodeNotification({ ...vote, version: 1, config: null }).subarray(0, 40);
    expect(body).toHaveLength(40);
    expect(decodeNotification(body)).toEqual({ ...vote, version: 0, config: null });
  });

  it('of version 2 may have an empty configuration', () => {
    const body = encodeNotification({ ...vote, config: '' });
    expect(body).toHaveLength(44);
    expect(decodeNotification(body)).toEqual({ ...vote, config: '' });
  });

  it('of version 1 with more bytes has no configuration', () => {
    const body = encodeNotification({ ...vote, version: 1 });
    expect(decodeNotification(body)).toEqual({ ...vote, version: 1, config: null });
  });

  it('comes back as it went', () => {
    const anyVote = fc.record({
      state: fc.constantFrom(...Object.values(ServerState)),
      leader: long,
      zxid: long,
      electionEpoch: long,
      peerEpoch: long,
      version: fc.integer({ min: -1, max: 9 }),
      config: text,
    });
    fc.assert(
      fc.property(anyVote, (any) => {
        const config = any.version < NOTIFICATION_VERSION ? null : any.config;
        expect(decodeNotification(encodeNotification(any))).toEqual({ ...any, config });
      }),
    );
  });

  it.each([0, 27, 29, 39, 41, 43])('of %i bytes is refused', (length) => {
    const body = Buffer.concat([encodeNotification(vote), Buffer.alloc(10)]).subarray(0, length);
    expect(() => decodeNotification(body)).toThrow(expect.objectContaining({ code: 'ZK_ELECTION_MESSAGE' }));
  });

  it.each([-1, 25, 0x7fff_ffff])('with a configuration of %i bytes that are not there is refused', (length) => {
    const body = Buffer.from(encodeNotification(vote));
    body.writeInt32BE(length, 40);
    expect(() => decodeNotification(body)).toThrow('expected a configuration of 0 to 24 bytes');
  });

  it.each([-1, 4])('from a server in state %i is refused', (state) => {
    const body = Buffer.from(encodeNotification(vote));
    body.writeInt32BE(state, 0);
    expect(() => decodeNotification(body)).toThrow(`expected a server state of 0 to 3, the notification says ${state}`);
  });
});

describe('a greeting', () => {
  it('carries several addresses under another version', () => {
    const addresses = [
      { host: 'a.example', port: 3888 },
      { host: '::1', port: 3889 },
    ];
    const bytes = encodeGreeting(7n, addresses);
    expect(bytes.readBigInt64BE(0)).toBe(-65535n);
    expect(bytes.subarray(20).toString()).toBe('a.example:3888|[::1]:3889');
    expect(decodeGreeting(bytes)).toEqual({ greeting: { serverId: 7n, addresses }, byteCount: bytes.length });
    expect(encodeGreeting(7n, addresses.slice(0, 1)).readBigInt64BE(0)).toBe(-65536n);
  });

  it('of a server before 3.5 is its id', () => {
    const bytes = Buffer.from('000000000000000700', 'hex');
    expect(decodeGreeting(bytes)).toEqual({ greeting: { serverId: 7n, addresses: [] }, byteCount: 8 });
  });

  it('is incomplete until its last byte', () => {
    const bytes = encodeGreeting(7n, [{ host: 'a', port: 1 }]);
    for (let length = 0; length < bytes.length; length++) expect(decodeGreeting(bytes.subarray(0, length))).toBeNull();
  });

  it('has a largest size', () => {
    const host = 'h'.repeat(MAX_GREETING_ADDRESS_BYTES - 5);
    expect(encodeGreeting(7n, [{ host, port: 3888 }])).toHaveLength(MAX_GREETING_BYTES);
    expect(() => encodeGreeting(7n, [{ host: `${host}h`, port: 3888 }])).toThrow(RangeError);
    expect(() => encodeGreeting(7n, [])).toThrow(RangeError);
  });

  it.each([
    ['an unknown version', 'fffffffffffffff6 0000000000000007 00000003 613a31', 'expected protocol version'],
    ['no address', 'ffffffffffff0000 0000000000000007 00000000', 'bytes of addresses, got 0'],
    ['a negative length', 'ffffffffffff0000 0000000000000007 ffffffff', 'bytes of addresses, got -1'],
    ['a length over the limit', 'ffffffffffff0000 0000000000000007 00000801', 'bytes of addresses, got 2049'],
    ['an address without a port', 'ffffffffffff0000 0000000000000007 00000001 61', 'as host:port, got "a"'],
    ['a port beyond 65535', 'ffffffffffff0000 0000000000000007 00000007 613a3635353336', 'as host:port'],
  ])('with %s is refused', (_, hex, message) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(() => decodeGreeting(bytes)).toThrow(expect.objectContaining({ code: 'ZK_ELECTION_GREETING' }));
    expect(() => decodeGreeting(bytes)).toThrow(message);
  });
});

describe('the election stream', () => {
  it.each([0, -1, MAX_ELECTION_MESSAGE_BYTES + 1])('refuses a message of %i bytes', (length) => {
    const header = Buffer.alloc(4);
    header.writeInt32BE(length);
    expect(() => read(header, 'dialled')).toThrow(expect.objectContaining({ code: 'ZK_FRAME_LENGTH' }));
  });

  it('can not be asked to send such a message', () => {
    expect(() => frameElectionMessage(Buffer.alloc(0))).toThrow(RangeError);
    expect(() => frameElectionMessage(Buffer.alloc(MAX_ELECTION_MESSAGE_BYTES + 1))).toThrow(RangeError);
    expect(frameElectionMessage(Buffer.alloc(MAX_ELECTION_MESSAGE_BYTES))).toHaveLength(MAX_ELECTION_MESSAGE_BYTES + 4);
  });

  it('reads the same wherever it is cut', () => {
    const stream = Buffer.concat([
      encodeGreeting(2n, [{ host: 'a', port: 1 }]),
      frameElectionMessage(encodeNotification(vote)),
      frameElectionMessage(encodeNotification({ ...vote, state: ServerState.LEADING })),
    ]);
    const whole = read(stream, 'accepted');
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(cut(stream), (chunks) => {
        const decoder = new ElectionStreamDecoder('accepted');
        expect(chunks.flatMap((chunk) => decoder.push(chunk))).toEqual(whole);
      }),
    );
  });
});
