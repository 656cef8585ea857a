import { describe, expect, it } from 'vitest';
import { type ApplicationRecord, decodeApplicationRecord, encodeApplicationRecord } from './application-record.js';
import { type AttemptRecord, decodeAttemptRecord, encodeAttemptRecord } from './attempt-record.js';
import {
  decodeActiveRmInfo,
  decodeEpoch,
  decodeMasterKeyState,
  decodeVersion,
  encodeActiveRmInfo,
  encodeEpoch,
  encodeMasterKeyState,
  encodeVersion,
} from './cluster-records.js';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** The same walk any protobuf reader does, written apart from the library: field number to raw values. */
function fieldsOf(bytes: Buffer): Map<number, (bigint | Buffer)[]> {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    let value: bigint | Buffer = varint();
    if ((key & 7) === 2) {
      const start = at;
      at += Number(value);
      value = bytes.subarray(start, at);
    }
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

const application: ApplicationRecord = {
  context: {
    applicationId: 'application_1352994693343_0001',
    name: 'wordcount',
    queue: 'default',
    priority: 3,
    master: { command: ['node', 'main.js', 'am'], environment: { INPUT: '/in', 'A B': '' } },
    resource: { memoryMb: 256, vcores: 1 },
    applicationType: 'MENAGERIE',
    maxAttempts: 2,
    tags: ['docs'],
  },
  user: 'root',
  submitTimeMs: 1352994700000,
  startTimeMs: 1352994700001,
  finalState: null,
  diagnostics: '',
  finishTimeMs: 0,
};

const attempt: AttemptRecord = {
  attemptId: 'appattempt_1352994693343_0001_000001',
  masterContainer: {
    containerId: 'container_e17_1352994693343_0001_01_000001',
    nodeId: 'nm1:8042',
    nodeHttpAddress: '127.0.0.1:8042',
    resource: { memoryMb: 256, vcores: 1 },
    priority: 0,
  },
  finalState: 'FAILED',
  finalTrackingUrl: 'http://127.0.0.1:1/',
  diagnostics: 'exit 1',
  startTimeMs: 5,
  finishTimeMs: 9,
  finalStatus: 'FAILED',
  exitStatus: -104,
  memorySeconds: 1024,
  vcoreSeconds: 4,
};

describe('records in ZooKeeper', () => {
  it('name the active in the bytes that Hadoop writes', () => {
    const bytes = hex('0A 08 636C757374657231 12 03 726D31');
    expect(encodeActiveRmInfo({ clusterId: 'cluster1', rmId: 'rm1' })).toEqual(bytes);
    expect(decodeActiveRmInfo(bytes, 'lock')).toEqual({ clusterId: 'cluster1', rmId: 'rm1' });
  });

  it('of version and epoch are Hadoop bytes', () => {
    expect(encodeVersion({ major: 1, minor: 5 })).toEqual(hex('08 01 10 05'));
    expect(decodeVersion(hex('08 01 10 03'), 'v')).toEqual({ major: 1, minor: 3 });
    expect(encodeEpoch(17)).toEqual(hex('08 11'));
    expect(decodeEpoch(hex('08 80 01'), 'e')).toBe(128);
  });

  it('keep the key of the masters tokens', () => {
    const key = { keyId: -7, bytes: Buffer.from([1, 2, 0xff]) };
    expect(decodeMasterKeyState(encodeMasterKeyState(key), 'k')).toEqual(key);
  });

  it('of an application come back as they went', () => {
    expect(decodeApplicationRecord(encodeApplicationRecord(application), 'a')).toEqual(application);
    const over = { ...application, finalState: 'KILLED', diagnostics: 'by alice', finishTimeMs: 7 } as const;
    expect(decodeApplicationRecord(encodeApplicationRecord(over), 'a')).toEqual(over);
  });

  it('of an application stand at the field numbers of ApplicationStateDataProto', () => {
    const fields = fieldsOf(encodeApplicationRecord({ ...application, finalState: 'FINISHED', finishTimeMs: 7 }));
    expect([...fields.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(fields.get(1)).toEqual([1352994700000n]);
    expect(fields.get(5), 'RMAPP_FINISHED').toEqual([8n]);
    const context = fieldsOf(fields.get(2)?.[0] as Buffer);
    expect(String(context.get(2)?.[0]), 'application_name').toBe('wordcount');
    expect(context.get(8), 'maxAppAttempts').toEqual([2n]);
    const resource = fieldsOf(context.get(9)?.[0] as Buffer);
    expect([resource.get(1), resource.get(2)]).toEqual([[256n], [1n]]);
    const master = fieldsOf(context.get(5)?.[0] as Buffer);
    expect(master.get(5)?.map(String), 'command').toEqual(['node', 'main.js', 'am']);
    expect(master.get(4), 'environment').toHaveLength(2);
  });

  it('of an attempt come back as they went', () => {
    expect(decodeAttemptRecord(encodeAttemptRecord(attempt), 'a')).toEqual(attempt);
    const waiting = { ...attempt, masterContainer: null, finalState: null, finalStatus: null, finalTrackingUrl: '' };
    expect(decodeAttemptRecord(encodeAttemptRecord(waiting), 'a')).toEqual(waiting);
  });

  it('of an attempt carry the 64-bit container number', () => {
    const fields = fieldsOf(encodeAttemptRecord(attempt));
    expect(fields.get(4), 'RMATTEMPT_FAILED').toEqual([6n]);
    expect(BigInt.asIntN(64, fields.get(9)?.[0] as bigint), 'am_container_exit_status').toBe(-104n);
    const id = fieldsOf(fieldsOf(fields.get(2)?.[0] as Buffer).get(1)?.[0] as Buffer);
    expect(id.get(3)).toEqual([(17n << 40n) | 1n]);
  });

  it('keep an epoch whose container number no double holds', () => {
    const containerId = 'container_e123456_1352994693343_0001_01_1000001';
    const container = { ...(attempt.masterContainer as NonNullable<typeof attempt.masterContainer>), containerId };
    const back = decodeAttemptRecord(encodeAttemptRecord({ ...attempt, masterContainer: container }), 'a');
    expect(back.masterContainer?.containerId).toBe(containerId);
  });

  it('pass over fields they do not know', () => {
    const newer = Buffer.concat([encodeApplicationRecord(application), hex('A2 06 03 61 62 63')]);
    expect(decodeApplicationRecord(newer, 'a')).toEqual(application);
  });

  it('that are cut, empty or of another kind are one clear error that names the znode', () => {
    const bytes = encodeApplicationRecord(application);
    const cut = bytes.subarray(0, bytes.length - 20);
    expect(() => decodeApplicationRecord(cut, '/rmstore/x')).toThrow(
      expect.objectContaining({ code: 'YARN_BAD_RECORD', message: expect.stringMatching(/^\/rmstore\/x/) }),
    );
    expect(() => decodeApplicationRecord(Buffer.alloc(0), '/rmstore/x')).toThrow(/applicationSubmissionContext/);
    expect(() => decodeActiveRmInfo(Buffer.from('no protobuf'), 'lock')).toThrow(
      expect.objectContaining({ code: 'YARN_BAD_RECORD' }),
    );
  });

  it('with a state that is never stored are refused', () => {
    const bytes = encodeApplicationRecord({ ...application, finalState: 'FINISHED' });
    const running = Buffer.from(bytes);
    const at = running.indexOf(hex('28 08'));
    running[at + 1] = 5;
    expect(() => decodeApplicationRecord(running, 'a')).toThrow(/RMAPP_RUNNING is not a state that is ever stored/);
  });
});

describe('zero and empty', () => {
  it('are written, since absence means something else to a Hadoop reader', () => {
    const fields = fieldsOf(encodeAttemptRecord({ ...attempt, exitStatus: 0, diagnostics: '' }));
    expect(fields.get(9), 'absent would be read as -1000').toEqual([0n]);
    expect(fields.get(6)?.map(String), 'absent would be read as N/A').toEqual(['']);
    expect(encodeEpoch(0)).toEqual(hex('08 00'));
  });
});
