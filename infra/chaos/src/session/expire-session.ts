/**
 * Ends somebody's session as if it had expired: takes it over on a second connection, by id and password, and closes it.
 * The owner learns of it as of any expiry, when the server tells it on its own connection or at the next one.
 *
 * The password needs no asking: it is a checksum of the id (ZooKeeperServer.generatePasswd), in Apache's ensembles and ours.
 */
import { connect } from 'node:net';

import {
  decodeConnectResponse,
  decodeReplyHeader,
  encodeConnectRequest,
  encodeRequestHeader,
  FrameDecoder,
  generateSessionPassword,
  JuteReader,
  JuteWriter,
  OpCode,
} from '@menagerie/zookeeper-protocol';

import { ChaosError, ChaosErrorCode } from '../errors.js';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

const TIMEOUT_MS = 10_000;
/** The owner notices that it was pushed off and takes its session back, which may be faster than our second message. */
const MAX_TRIES = 5;

/** @throws ChaosError when the ensemble does not know the session, or does not answer */
export async function expireSession(server: ServerAddress, id: bigint): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await takeOverAndClose(server, id);
    } catch (error) {
      if (!(error instanceof ChaosError)) throw error;
      // Unknown after a try whose end was not seen: that try did it.
      if (attempt > 1 && error.code === ChaosErrorCode.noSession) return;
      if (attempt >= MAX_TRIES || error.code === ChaosErrorCode.noSession) throw error;
    }
  }
}

function takeOverAndClose(server: ServerAddress, id: bigint): Promise<void> {
  const name = formatSessionId(id);
  return new Promise((resolve, reject) => {
    const socket = connect(server);
    const frames = new FrameDecoder();
    let attached = false;
    let closed = false;
    let failure = new ChaosError(ChaosErrorCode.failed, `session ${name}: the server hung up`);
    const fail = (code: ChaosErrorCode, why: string) => {
      failure = new ChaosError(code, `session ${name}: ${why}`);
      socket.destroy();
    };
    const timer = setTimeout(() => fail(ChaosErrorCode.failed, `no answer within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
    socket.on('connect', () => socket.write(handshake(id)));
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) {
        if (attached) {
          closed = decodeReplyHeader(new JuteReader(frame)).err === 0;
          socket.end();
        } else if (decodeConnectResponse(new JuteReader(frame)).timeoutMs <= 0) {
          return fail(ChaosErrorCode.noSession, 'the ensemble does not know it');
        } else {
          attached = true;
          socket.write(framed((writer) => encodeRequestHeader(writer, { xid: 1, type: OpCode.closeSession })));
        }
      }
    });
    socket.on('error', (error) => {
      failure = new ChaosError(ChaosErrorCode.failed, `session ${name}: ${error.message}`, { cause: error });
    });
    socket.on('close', () => {
      clearTimeout(timer);
      if (closed) resolve();
      else reject(failure);
    });
  });
}

function handshake(sessionId: bigint): Buffer {
  return framed((writer) =>
    encodeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeoutMs: TIMEOUT_MS,
      sessionId,
      password: generateSessionPassword(sessionId),
      readOnly: false,
      hasReadOnly: true,
    }),
  );
}

function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return writer.toBuffer();
}

/** As ZooKeeper's own commands print it. */
export function formatSessionId(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}

/** @returns the id, signed as on the wire; undefined when the text is none */
export function parseSessionId(text: string): bigint | undefined {
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt.asIntN(64, BigInt(text)) : undefined;
}
