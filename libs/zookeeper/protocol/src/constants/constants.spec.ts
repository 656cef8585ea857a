import { describe, expect, it } from 'vitest';
import {
  CreateMode,
  ErrorCode,
  errorCodeName,
  isCreateMode,
  isEphemeral,
  isSequential,
  isTtl,
  OPEN_ACL,
  OpCode,
  opCodeName,
  PacketType,
  packetTypeName,
} from '../index.js';

describe('closed sets', () => {
  it.each([
    ['operations', OpCode, opCodeName],
    ['error codes', ErrorCode, errorCodeName],
    ['packet types', PacketType, packetTypeName],
  ] as [string, Record<string, number>, (code: number) => string | null][])(
    'name each of the %s once',
    (_, set, nameOf) => {
      for (const [name, code] of Object.entries(set)) expect(nameOf(code)).toBe(name);
      expect(nameOf(12_345)).toBeNull();
    },
  );

  it('say what a create mode means', () => {
    const { persistent, ephemeral, persistentSequential, ephemeralSequential, container, ...ttl } = CreateMode;
    const modes = Object.values(CreateMode);
    expect(modes.filter(isEphemeral)).toEqual([ephemeral, ephemeralSequential]);
    expect(modes.filter(isSequential)).toEqual([
      persistentSequential,
      ephemeralSequential,
      ttl.persistentSequentialWithTtl,
    ]);
    expect(modes.filter(isTtl)).toEqual(Object.values(ttl));
    expect([persistent, container, -1, 7, 1.5].map(isCreateMode)).toEqual([true, true, false, false, false]);
  });

  it('can not be changed by who uses the ready-made ACLs', () => {
    expect(Object.isFrozen(OPEN_ACL)).toBe(true);
    expect(Object.isFrozen(OPEN_ACL[0]!.id)).toBe(true);
  });
});
