/** Every client message: against what Apache's client and server said to each other, cut short, and round trip. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aclList,
  bytes,
  int,
  long,
  nullableAclList,
  nullableBytes,
  nullableText,
  stat,
  text,
  texts,
} from '../__fixtures__/arbitraries.js';
import { capturedConnections, hasEncodedSurrogates } from '../__fixtures__/captured.js';
import * as zk from '../index.js';

/** A codec without its type, so that tables can hold many. */
interface Codec {
  readonly encode: (writer: zk.JuteWriter, message: unknown) => void;
  readonly decode: (reader: zk.JuteReader) => unknown;
}

function codec<T>(encode: (writer: zk.JuteWriter, message: T) => void, decode: (reader: zk.JuteReader) => T): Codec {
  return { encode: encode as Codec['encode'], decode };
}

const nothing = codec<null>(
  () => {},
  () => null,
);
const { OpCode } = zk;
const create = codec(zk.encodeCreateRequest, zk.decodeCreateRequest);
const create2Response = codec(zk.encodeCreate2Response, zk.decodeCreate2Response);
const multiResponse = codec(zk.encodeMultiResponse, zk.decodeMultiResponse);

const codecs: Record<number, { request: Codec; response: Codec }> = {
  [OpCode.create]: { request: create, response: codec(zk.encodeCreateResponse, zk.decodeCreateResponse) },
  [OpCode.create2]: { request: create, response: create2Response },
  [OpCode.createContainer]: { request: create, response: create2Response },
  [OpCode.createTtl]: {
    request: codec(zk.encodeCreateTtlRequest, zk.decodeCreateTtlRequest),
    response: create2Response,
  },
  [OpCode.delete]: { request: codec(zk.encodeDeleteRequest, zk.decodeDeleteRequest), response: nothing },
  [OpCode.exists]: {
    request: codec(zk.encodeExistsRequest, zk.decodeExistsRequest),
    response: codec(zk.encodeExistsResponse, zk.decodeExistsResponse),
  },
  [OpCode.getData]: {
    request: codec(zk.encodeGetDataRequest, zk.decodeGetDataRequest),
    response: codec(zk.encodeGetDataResponse, zk.decodeGetDataResponse),
  },
  [OpCode.setData]: {
    request: codec(zk.encodeSetDataRequest, zk.decodeSetDataRequest),
    response: codec(zk.encodeSetDataResponse, zk.decodeSetDataResponse),
  },
  [OpCode.getAcl]: {
    request: codec(zk.encodeGetAclRequest, zk.decodeGetAclRequest),
    response: codec(zk.encodeGetAclResponse, zk.decodeGetAclResponse),
  },
  [OpCode.setAcl]: {
    request: codec(zk.encodeSetAclRequest, zk.decodeSetAclRequest),
    response: codec(zk.encodeSetAclResponse, zk.decodeSetAclResponse),
  },
  [OpCode.getChildren]: {
    request: codec(zk.encodeGetChildrenRequest, zk.decodeGetChildrenRequest),
    response: codec(zk.encodeGetChildrenResponse, zk.decodeGetChildrenResponse),
  },
  [OpCode.getChildren2]: {
    request: codec(zk.encodeGetChildren2Request, zk.decodeGetChildren2Request),
    response: codec(zk.encodeGetChildren2Response, zk.decodeGetChildren2Response),
  },
  [OpCode.sync]: {
    request: codec(zk.encodeSyncRequest, zk.decodeSyncRequest),
    response: codec(zk.encodeSyncResponse, zk.decodeSyncResponse),
  },
  [OpCode.ping]: { request: nothing, response: nothing },
  [OpCode.multi]: { request: codec(zk.encodeMultiRequest, zk.decodeMultiRequest), response: multiResponse },
  [OpCode.multiRead]: { request: codec(zk.encodeMultiReadRequest, zk.decodeMultiReadRequest), response: multiResponse },
  [OpCode.reconfig]: {
    request: codec(zk.encodeReconfigRequest, zk.decodeReconfigRequest),
    response: codec(zk.encodeGetDataResponse, zk.decodeGetDataResponse),
  },
  [OpCode.checkWatches]: {
    request: codec(zk.encodeCheckWatchesRequest, zk.decodeCheckWatchesRequest),
    response: nothing,
  },
  [OpCode.removeWatches]: {
    request: codec(zk.encodeRemoveWatchesRequest, zk.decodeRemoveWatchesRequest),
    response: nothing,
  },
  [OpCode.auth]: { request: codec(zk.encodeAuthRequest, zk.decodeAuthRequest), response: nothing },
  [OpCode.setWatches]: { request: codec(zk.encodeSetWatchesRequest, zk.decodeSetWatchesRequest), response: nothing },
  [OpCode.setWatches2]: { request: codec(zk.encodeSetWatches2Request, zk.decodeSetWatches2Request), response: nothing },
  [OpCode.getEphemerals]: {
    request: codec(zk.encodeGetEphemeralsRequest, zk.decodeGetEphemeralsRequest),
    response: codec(zk.encodeGetEphemeralsResponse, zk.decodeGetEphemeralsResponse),
  },
  [OpCode.getAllChildrenNumber]: {
    request: codec(zk.encodeGetAllChildrenNumberRequest, zk.decodeGetAllChildrenNumberRequest),
    response: codec(zk.encodeGetAllChildrenNumberResponse, zk.decodeGetAllChildrenNumberResponse),
  },
  [OpCode.addWatch]: {
    request: codec(zk.encodeAddWatchRequest, zk.decodeAddWatchRequest),
    response: codec(zk.encodeErrorResponse, zk.decodeErrorResponse),
  },
  [OpCode.whoAmI]: { request: nothing, response: codec(zk.encodeWhoAmIResponse, zk.decodeWhoAmIResponse) },
  [OpCode.closeSession]: { request: nothing, response: nothing },
};

const watcherEvent = codec(zk.encodeWatcherEvent, zk.decodeWatcherEvent);
const requestHeader = codec(zk.encodeRequestHeader, zk.decodeRequestHeader);
const replyHeader = codec(zk.encodeReplyHeader, zk.decodeReplyHeader);

interface Exchange {
  readonly name: string;
  readonly codec: Codec;
  readonly body: Buffer;
}

/** Takes the captured connections apart into bodies, each with the codec its header asks for. */
function exchanges(): Exchange[] {
  return capturedConnections('client.json').flatMap(({ dialler, acceptor }) => {
    const [connect, ...requests] = new zk.FrameDecoder().push(dialler);
    const [connected, ...replies] = new zk.FrameDecoder().push(acceptor);
    const typeOfXid = new Map<number, number>();
    const found: Exchange[] = [
      { name: 'ConnectRequest', codec: codec(zk.encodeConnectRequest, zk.decodeConnectRequest), body: connect! },
      { name: 'ConnectResponse', codec: codec(zk.encodeConnectResponse, zk.decodeConnectResponse), body: connected! },
    ];
    for (const payload of requests) {
      const reader = new zk.JuteReader(payload);
      const { xid, type } = zk.decodeRequestHeader(reader);
      typeOfXid.set(xid, type);
      found.push({ name: `${zk.opCodeName(type)} request`, codec: codecs[type]!.request, body: reader.readRest() });
    }
    for (const payload of replies) {
      const reader = new zk.JuteReader(payload);
      const { xid, err } = zk.decodeReplyHeader(reader);
      const body = reader.readRest();
      if (xid === zk.Xid.watch) found.push({ name: 'WatcherEvent', codec: watcherEvent, body });
      else if (err !== 0) found.push({ name: `error ${zk.errorCodeName(err)}`, codec: nothing, body });
      else
        found.push({
          name: `reply to ${zk.opCodeName(typeOfXid.get(xid)!)}`,
          codec: codecs[typeOfXid.get(xid)!]!.response,
          body,
        });
    }
    return found;
  });
}

const captured = exchanges();
const distinct = [...new Map(captured.map((each) => [`${each.name} ${each.body.toString('hex')}`, each])).values()];

function encode(by: Codec, message: unknown): Buffer {
  const writer = new zk.JuteWriter(16);
  by.encode(writer, message);
  return writer.toBuffer();
}

describe('messages Apache sent', () => {
  it('are of every kind its client has', () => {
    const names = new Set(captured.map(({ name }) => name));
    const missing = Object.keys(codecs)
      .map((type) => `${zk.opCodeName(Number(type))} request`)
      .filter((name) => !names.has(name));
    expect(missing).toEqual(['ping request']);
    expect(names).toContain('WatcherEvent');
    expect(names).toContain('error NodeExists');
  });

  it.each(distinct)('are decoded and encoded to the same bytes: $name', ({ codec: by, body }) => {
    const reader = new zk.JuteReader(body);
    const message = by.decode(reader);
    expect(reader.remaining).toBe(0);
    const again = encode(by, message);
    if (hasEncodedSurrogates(body)) expect(by.decode(new zk.JuteReader(again))).toEqual(message);
    else expect(again).toEqual(body);
  });

  it.each(distinct)('are refused when cut short anywhere: $name', ({ name, codec: by, body }) => {
    const shortest = name.startsWith('Connect') ? body.length - 1 : body.length;
    for (let length = 0; length < shortest; length++) {
      expect(() => by.decode(new zk.JuteReader(body.subarray(0, length)))).toThrow(
        expect.objectContaining({ code: 'ZK_JUTE_TRUNCATED' }),
      );
    }
  });

  it('name an identity outside of the basic plane although Java splits it', () => {
    const { body } = captured.find(({ name }) => name === 'reply to whoAmI')!;
    const { clientInfo } = zk.decodeWhoAmIResponse(new zk.JuteReader(body));
    expect(clientInfo.map(({ user }) => user).sort()).toEqual(['127.0.0.1', 'bob', 'b😀b']);
  });

  it('show a failed multi in its results only', () => {
    const results = captured
      .filter(({ name }) => name === 'reply to multi')
      .map(({ body }) => zk.decodeMultiResponse(new zk.JuteReader(body)).results);
    expect(results.map((each) => each.map((result) => (result.type === OpCode.error ? result.err : 'done')))).toEqual([
      ['done', 'done', 'done', 'done', 'done', 'done', 'done'],
      [0, zk.ErrorCode.NoNode, zk.ErrorCode.RuntimeInconsistency],
    ]);
  });
});

describe('the handshake', () => {
  const request = {
    protocolVersion: 0,
    lastZxidSeen: 7n,
    timeoutMs: 4000,
    sessionId: -5n,
    password: Buffer.alloc(16, 1),
    readOnly: false,
    hasReadOnly: false,
  };

  it('without the read-only byte is 44 bytes, and the answer mirrors it with 36', () => {
    const wire = encode(codec(zk.encodeConnectRequest, zk.decodeConnectRequest), request);
    expect(wire).toHaveLength(44);
    expect(zk.decodeConnectRequest(new zk.JuteReader(wire))).toEqual(request);
    const { lastZxidSeen: _, ...response } = request;
    const answer = encode(codec(zk.encodeConnectResponse, zk.decodeConnectResponse), response);
    expect(answer).toHaveLength(36);
    expect(zk.decodeConnectResponse(new zk.JuteReader(answer))).toEqual(response);
  });

  it('with the byte says what it holds', () => {
    const wire = encode(codec(zk.encodeConnectRequest, zk.decodeConnectRequest), {
      ...request,
      readOnly: true,
      hasReadOnly: true,
    });
    expect(wire).toHaveLength(45);
    expect(zk.decodeConnectRequest(new zk.JuteReader(wire))).toMatchObject({ readOnly: true, hasReadOnly: true });
  });
});

describe('multi', () => {
  const refuses = (decode: (reader: zk.JuteReader) => unknown, hex: string): void =>
    expect(() => decode(new zk.JuteReader(Buffer.from(hex, 'hex')))).toThrow(
      expect.objectContaining({ code: 'ZK_JUTE_VALUE' }),
    );

  it('refuses a read among its writes', () => refuses(zk.decodeMultiRequest, '0000000400ffffffff'));
  it('refuses a write among the reads of a multiRead', () => refuses(zk.decodeMultiReadRequest, '0000000200ffffffff'));
  it('refuses an operation it does not know', () => refuses(zk.decodeMultiRequest, '0000006300ffffffff'));
  it('refuses a result it does not know', () => refuses(zk.decodeMultiResponse, '0000006300ffffffff'));

  it('may be empty', () => {
    const wire = encode(codec(zk.encodeMultiRequest, zk.decodeMultiRequest), { ops: [] });
    expect(wire).toEqual(Buffer.from('ffffffff01ffffffff', 'hex'));
    expect(zk.decodeMultiRequest(new zk.JuteReader(wire))).toEqual({ ops: [] });
  });
});

describe('null where a list has no meaning for it', () => {
  it('reads as empty', () => {
    expect(zk.decodeGetChildrenResponse(new zk.JuteReader(Buffer.from('ffffffff', 'hex')))).toEqual({ children: [] });
  });

  it('is refused where a client means to set watches', () => {
    const watches = Buffer.from('0000000000000001ffffffffffffffffffffffff', 'hex');
    expect(() => zk.decodeSetWatchesRequest(new zk.JuteReader(watches))).toThrow(
      expect.objectContaining({ code: 'ZK_JUTE_NULL' }),
    );
  });
});

describe('every message', () => {
  const path = text;
  const createRequest = fc.record({ path, data: nullableBytes, acl: nullableAclList, flags: int });
  const createTtlRequest = fc.record({ path, data: nullableBytes, acl: nullableAclList, flags: int, ttlMs: long });
  const pathAndVersion = fc.record({ path, version: int });
  const pathAndWatch = fc.record({ path, watch: fc.boolean() });
  const setData = fc.record({ path, data: nullableBytes, version: int });
  const getDataResponse = fc.record({ data: nullableBytes, stat });
  const op = (type: number, request: fc.Arbitrary<unknown>) => fc.record({ type: fc.constant(type), request });
  const writeOps = fc.oneof(
    op(OpCode.create, createRequest),
    op(OpCode.create2, createRequest),
    op(OpCode.createContainer, createRequest),
    op(OpCode.createTtl, createTtlRequest),
    op(OpCode.delete, pathAndVersion),
    op(OpCode.setData, setData),
    op(OpCode.check, pathAndVersion),
  );
  const readOps = fc.oneof(op(OpCode.getData, pathAndWatch), op(OpCode.getChildren, pathAndWatch));
  const result = fc.oneof(
    fc.record({ type: fc.constant(OpCode.create), path }),
    fc.record({ type: fc.constant(OpCode.create2), path, stat }),
    fc.record({ type: fc.constantFrom(OpCode.delete, OpCode.check) }),
    fc.record({ type: fc.constant(OpCode.setData), stat }),
    fc.record({ type: fc.constant(OpCode.getData), data: nullableBytes, stat }),
    fc.record({ type: fc.constant(OpCode.getChildren), children: texts }),
    fc.record({ type: fc.constant(OpCode.error), err: int }),
  );
  const watches = { relativeZxid: long, dataWatches: texts, existWatches: texts, childWatches: texts };

  const table: [string, Codec, fc.Arbitrary<unknown>][] = [
    ['RequestHeader', requestHeader, fc.record({ xid: int, type: int })],
    ['ReplyHeader', replyHeader, fc.record({ xid: int, zxid: long, err: int })],
    ['create', create, createRequest],
    ['createTtl', codecs[OpCode.createTtl]!.request, createTtlRequest],
    ['create reply', codecs[OpCode.create]!.response, fc.record({ path })],
    ['create2 reply', create2Response, fc.record({ path, stat })],
    ['delete', codecs[OpCode.delete]!.request, pathAndVersion],
    ['check', codec(zk.encodeCheckRequest, zk.decodeCheckRequest), pathAndVersion],
    ['exists', codecs[OpCode.exists]!.request, pathAndWatch],
    ['exists reply', codecs[OpCode.exists]!.response, fc.record({ stat })],
    ['getData', codecs[OpCode.getData]!.request, pathAndWatch],
    ['getData reply', codecs[OpCode.getData]!.response, getDataResponse],
    ['setData', codecs[OpCode.setData]!.request, setData],
    ['setData reply', codecs[OpCode.setData]!.response, fc.record({ stat })],
    ['getAcl', codecs[OpCode.getAcl]!.request, fc.record({ path })],
    ['getAcl reply', codecs[OpCode.getAcl]!.response, fc.record({ acl: aclList, stat })],
    ['setAcl', codecs[OpCode.setAcl]!.request, fc.record({ path, acl: nullableAclList, version: int })],
    ['setAcl reply', codecs[OpCode.setAcl]!.response, fc.record({ stat })],
    ['getChildren', codecs[OpCode.getChildren]!.request, pathAndWatch],
    ['getChildren reply', codecs[OpCode.getChildren]!.response, fc.record({ children: texts })],
    ['getChildren2', codecs[OpCode.getChildren2]!.request, pathAndWatch],
    ['getChildren2 reply', codecs[OpCode.getChildren2]!.response, fc.record({ children: texts, stat })],
    ['sync', codecs[OpCode.sync]!.request, fc.record({ path })],
    ['sync reply', codecs[OpCode.sync]!.response, fc.record({ path })],
    ['multi', codecs[OpCode.multi]!.request, fc.record({ ops: fc.array(writeOps, { maxLength: 5 }) })],
    ['multiRead', codecs[OpCode.multiRead]!.request, fc.record({ ops: fc.array(readOps, { maxLength: 5 }) })],
    ['multi reply', multiResponse, fc.record({ results: fc.array(result, { maxLength: 5 }) })],
    [
      'reconfig',
      codecs[OpCode.reconfig]!.request,
      fc.record({
        joiningServers: nullableText,
        leavingServers: nullableText,
        newMembers: nullableText,
        curConfigId: long,
      }),
    ],
    ['checkWatches', codecs[OpCode.checkWatches]!.request, fc.record({ path, type: int })],
    ['removeWatches', codecs[OpCode.removeWatches]!.request, fc.record({ path, type: int })],
    ['auth', codecs[OpCode.auth]!.request, fc.record({ type: int, scheme: text, auth: nullableBytes })],
    ['sasl', codec(zk.encodeSaslRequest, zk.decodeSaslRequest), fc.record({ token: nullableBytes })],
    ['sasl reply', codec(zk.encodeSaslResponse, zk.decodeSaslResponse), fc.record({ token: nullableBytes })],
    ['setWatches', codecs[OpCode.setWatches]!.request, fc.record(watches)],
    [
      'setWatches2',
      codecs[OpCode.setWatches2]!.request,
      fc.record({ ...watches, persistentWatches: texts, persistentRecursiveWatches: texts }),
    ],
    ['addWatch', codecs[OpCode.addWatch]!.request, fc.record({ path, mode: int })],
    ['error reply', codec(zk.encodeErrorResponse, zk.decodeErrorResponse), fc.record({ err: int })],
    ['getEphemerals', codecs[OpCode.getEphemerals]!.request, fc.record({ prefixPath: nullableText })],
    ['getEphemerals reply', codecs[OpCode.getEphemerals]!.response, fc.record({ ephemerals: texts })],
    ['getAllChildrenNumber', codecs[OpCode.getAllChildrenNumber]!.request, fc.record({ path })],
    ['getAllChildrenNumber reply', codecs[OpCode.getAllChildrenNumber]!.response, fc.record({ totalNumber: int })],
    [
      'whoAmI reply',
      codecs[OpCode.whoAmI]!.response,
      fc.record({ clientInfo: fc.array(fc.record({ authScheme: text, user: text }), { maxLength: 3 }) }),
    ],
    ['WatcherEvent', watcherEvent, fc.record({ type: int, state: int, path })],
  ];

  it.each(table)('comes back as it went: %s', (_, by, messages) => {
    fc.assert(
      fc.property(messages, bytes, (message, trailing) => {
        const wire = encode(by, message);
        // Bytes behind a record are a newer peer's business.
        const reader = new zk.JuteReader(Buffer.concat([wire, trailing]));
        expect(by.decode(reader)).toEqual(message);
        expect(reader.offset).toBe(wire.length);
      }),
    );
  });
});
