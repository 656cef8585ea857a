/** The frames of docs/protocols, byte for byte: what every other client and server agrees on. */
import { describe, expect, it } from 'vitest';
import {
  decodeConnectRequest,
  decodeCreateRequest,
  decodeGetDataRequest,
  decodeMultiRequest,
  decodeRequestHeader,
  encodeConnectRequest,
  encodeCreateRequest,
  encodeGetDataRequest,
  encodeMultiRequest,
  encodeRequestHeader,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OPEN_ACL,
  OpCode,
  Xid,
} from './index.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function framed(encode: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter(16);
  const mark = writer.beginFrame();
  encode(writer);
  writer.endFrame(mark);
  return writer.toBuffer();
}

function payload(wire: Buffer): JuteReader {
  const [only, ...others] = new FrameDecoder().push(wire);
  expect(others).toEqual([]);
  return new JuteReader(only!);
}

describe('golden frames', () => {
  it('opens a new session', () => {
    const wire = bytes(
      '0000002d 00000000 0000000000000000 00007530 0000000000000000 00000010 00000000000000000000000000000000 00',
    );
    const request = {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeoutMs: 30000,
      sessionId: 0n,
      password: Buffer.alloc(16),
      readOnly: false,
      hasReadOnly: true,
    };
    expect(framed((writer) => encodeConnectRequest(writer, request))).toEqual(wire);
    expect(decodeConnectRequest(payload(wire))).toEqual(request);
  });

  it('reads a node and leaves a watch', () => {
    const wire = bytes('0000000f 00000001 00000004 00000002 2f61 01');
    const encoded = framed((writer) => {
      encodeRequestHeader(writer, { xid: 1, type: OpCode.getData });
      encodeGetDataRequest(writer, { path: '/a', watch: true });
    });
    expect(encoded).toEqual(wire);
    const reader = payload(wire);
    expect(decodeRequestHeader(reader)).toEqual({ xid: 1, type: OpCode.getData });
    expect(decodeGetDataRequest(reader)).toEqual({ path: '/a', watch: true });
  });

  it('pings', () => {
    const wire = bytes('00000008 fffffffe 0000000b');
    expect(framed((writer) => encodeRequestHeader(writer, { xid: Xid.ping, type: OpCode.ping }))).toEqual(wire);
    expect(decodeRequestHeader(payload(wire))).toEqual({ xid: Xid.ping, type: OpCode.ping });
  });

  it('creates an open persistent node', () => {
    const wire = bytes(
      '00000032 00000003 00000001 00000002 2f61 00000001 78 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000',
    );
    const request = { path: '/a', data: Buffer.from('x'), acl: OPEN_ACL, flags: 0 };
    const encoded = framed((writer) => {
      encodeRequestHeader(writer, { xid: 3, type: OpCode.create });
      encodeCreateRequest(writer, request);
    });
    expect(encoded).toEqual(wire);
    const reader = payload(wire);
    expect(decodeRequestHeader(reader)).toEqual({ xid: 3, type: OpCode.create });
    expect(decodeCreateRequest(reader)).toEqual(request);
  });

  it('checks one node and deletes another in one transaction', () => {
    const wire = bytes(
      '00000037 00000002 0000000e 0000000d00ffffffff 00000002 2f61 00000003 0000000200ffffffff 00000002 2f62 ffffffff ffffffff01ffffffff',
    );
    const request = {
      ops: [
        { type: OpCode.check, request: { path: '/a', version: 3 } },
        { type: OpCode.delete, request: { path: '/b', version: -1 } },
      ],
    } as const;
    const encoded = framed((writer) => {
      encodeRequestHeader(writer, { xid: 2, type: OpCode.multi });
      encodeMultiRequest(writer, request);
    });
    expect(encoded).toEqual(wire);
    const reader = payload(wire);
    expect(decodeRequestHeader(reader)).toEqual({ xid: 2, type: OpCode.multi });
    expect(decodeMultiRequest(reader)).toEqual(request);
  });
});
