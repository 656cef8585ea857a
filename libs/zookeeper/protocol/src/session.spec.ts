import { describe, expect, it } from 'vitest';
import { capturedConnections } from './__fixtures__/captured.js';
import {
  CONTAINER_OWNER,
  decodeConnectResponse,
  firstSessionId,
  FrameDecoder,
  generateSessionPassword,
  JuteReader,
  MAX_TTL_MS,
  ownerKind,
  serverIdOf,
  ttlOf,
  ttlOwner,
} from './index.js';

describe('a session password', () => {
  it.each([
    [0x0100_0000_0000_0000n, 'f22acd4a97e69d6d20a49bb638eadb38'],
    [0x1000_0123_4567_8901n, 'da1700ba9f6dfabfdbb8dae9d73cb0b6'],
  ])('of session %i is what java.util.Random gives', (sessionId, password) => {
    expect(generateSessionPassword(sessionId).toString('hex')).toBe(password);
  });

  it('is the one Apache gave to its clients', () => {
    for (const { acceptor } of capturedConnections('client.json')) {
      const { sessionId, password } = decodeConnectResponse(new JuteReader(new FrameDecoder().push(acceptor)[0]!));
      expect(generateSessionPassword(sessionId)).toEqual(password);
    }
  });

  it('does not depend on the sign a session id is written with', () => {
    expect(generateSessionPassword(BigInt.asUintN(64, -5n))).toEqual(generateSessionPassword(-5n));
  });
});

describe('session ids', () => {
  it('start with the server and five bytes of its clock', () => {
    expect(firstSessionId(1, 0x12_3456_789a)).toBe(0x0112_3456_789a_0000n);
    expect(firstSessionId(0, 0)).toBe(0n);
  });

  it('of servers over 127 are negative, and still name their server', () => {
    const id = firstSessionId(200, 5);
    expect(id).toBeLessThan(0n);
    expect(serverIdOf(id)).toBe(200);
  });

  it('keep the sign of the clock out of the server id (ZOOKEEPER-1622)', () => {
    expect(serverIdOf(firstSessionId(1, 0xff_ffff_ffff))).toBe(1);
    expect(firstSessionId(1, 2 ** 40 + 5)).toBe(firstSessionId(1, 5));
  });

  it('are never the mark of a container', () => {
    expect(firstSessionId(128, 0)).toBe(CONTAINER_OWNER + 1n);
  });
});

describe('the owner of a node', () => {
  it.each([
    [0n, 'none'],
    [CONTAINER_OWNER, 'container'],
    [ttlOwner(1000n), 'ttl'],
    [0x0100_0000_0000_0001n, 'session'],
    [-5n, 'session'],
  ])('%i is of kind %s', (owner, kind) => expect(ownerKind(owner, true)).toBe(kind));

  it('with the tag of a TTL is a session where there are no extended types', () => {
    expect(ownerKind(ttlOwner(1000n), false)).toBe('session');
    expect(ownerKind(CONTAINER_OWNER, false)).toBe('container');
  });

  it('holds the time to live', () => {
    expect(BigInt.asUintN(64, ttlOwner(1000n))).toBe(0xff00_0000_0000_03e8n);
    for (const ttlMs of [1n, 1000n, MAX_TTL_MS]) expect(ttlOf(ttlOwner(ttlMs))).toBe(ttlMs);
    expect(ttlOf(5n)).toBeNull();
  });

  it.each([0n, -1n, MAX_TTL_MS + 1n])('can not hold a time to live of %i ms', (ttlMs) => {
    expect(() => ttlOwner(ttlMs)).toThrow(RangeError);
  });
});
