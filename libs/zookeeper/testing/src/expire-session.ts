/**
 * Ends somebody else's session at once: a second connection takes the session over by its id and password, and closes
 * it. Its owner finds out as from any expiry, when it comes back. Source of the trick: ZooKeeper's own tests.
 */
import { connect } from 'node:net';
import {
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  decodeConnectResponse,
  decodeReplyHeader,
  encodeConnectRequest,
  encodeRequestHeader,
} from '@menagerie/zookeeper-protocol';
import { TestKitError } from './errors.js';

export interface ExpireTarget {
  readonly host: string;
  readonly port: number;
  readonly id: bigint;
  readonly password: Buffer;
  readonly timeoutMs?: number;
}

/** @throws TestKitError `TESTKIT_UNEXPECTED_ANSWER` when the server does not know the session; `TESTKIT_TIMEOUT` */
export function expireSession({ host, port, id, password, timeoutMs = 10_000 }: ExpireTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const decoder = new FrameDecoder();
    let attached = false;
    let closed = false;
    const fail = (message: string): void => {
      socket.destroy(new TestKitError('TESTKIT_UNEXPECTED_ANSWER', `expire session 0x${hex(id)}: ${message}`));
    };
    const timer = setTimeout(() => {
      socket.destroy(
        new TestKitError('TESTKIT_TIMEOUT', `expire session 0x${hex(id)}: no answer in ${timeoutMs} ms`, true),
      );
    }, timeoutMs);
    socket.on('connect', () => socket.write(handshake(id, password)));
    socket.on('data', (chunk: Buffer) => {
      for (const payload of decoder.push(chunk)) {
        if (attached) {
          closed = decodeReplyHeader(new JuteReader(payload)).err === 0;
          socket.end();
        } else {
          if (decodeConnectResponse(new JuteReader(payload)).timeoutMs <= 0) return fail('the server does not know it');
          attached = true;
          socket.write(closeSession());
        }
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      if (closed) resolve();
      else
        reject(new TestKitError('TESTKIT_UNEXPECTED_ANSWER', `expire session 0x${hex(id)}: the server hung up`, true));
    });
  });
}

function handshake(sessionId: bigint, password: Buffer): Buffer {
  return framed((writer) =>
    encodeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeoutMs: 10_000,
      sessionId,
      password,
      readOnly: false,
      hasReadOnly: true,
    }),
  );
}

function closeSession(): Buffer {
  return framed((writer) => encodeRequestHeader(writer, { xid: 1, type: OpCode.closeSession }));
}

function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return writer.toBuffer();
}

function hex(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16);
}
