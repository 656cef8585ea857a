/**
 * Changes the members of an ensemble, as an administrator does: one connection, the super user's password, one request.
 * The ensemble must run with `RECONFIGURABLE`.
 */
import { connect } from 'node:net';
import {
  decodeConnectResponse,
  decodeGetDataResponse,
  decodeReplyHeader,
  encodeAuthRequest,
  encodeConnectRequest,
  encodeReconfigRequest,
  encodeRequestHeader,
  errorCodeName,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  type ReconfigRequest,
  Xid,
} from '@menagerie/zookeeper-protocol';
import { TestKitError } from './errors.js';

/** Keys of zoo.cfg: the members can be changed, by who has the super user's password. */
export const RECONFIGURABLE = {
  reconfigEnabled: 'true',
  // `super:admin`, hashed the way digest ids are.
  'DigestAuthenticationProvider.superDigest': 'super:xQJmxLMiHGwaqBvst5y6rkB6HQs=',
} as const;

const SUPER_PASSWORD = 'super:admin';
const XID = 1;

export interface ReconfigureTarget extends Partial<ReconfigRequest> {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs?: number;
}

/**
 * @returns the new configuration: a line a server, and its version
 * @throws TestKitError `TESTKIT_UNEXPECTED_ANSWER` with the name of the error; retryable when it is not known whether the
 *   change is made, since the server hung up
 */
export function reconfigure(target: ReconfigureTarget): Promise<string> {
  const { host, port, timeoutMs = 20_000 } = target;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const decoder = new FrameDecoder();
    let isAttached = false;
    let members: string | null = null;
    const fail = (message: string, retryable = false): void => {
      socket.destroy(new TestKitError('TESTKIT_UNEXPECTED_ANSWER', `reconfig: ${message}`, retryable));
    };
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`, true), timeoutMs);
    socket.on('connect', () => socket.write(handshake()));
    socket.on('data', (chunk: Buffer) => {
      for (const payload of decoder.push(chunk)) {
        const reader = new JuteReader(payload);
        if (!isAttached) {
          isAttached = decodeConnectResponse(reader).timeoutMs > 0;
          socket.write(Buffer.concat([authentication(), request(target)]));
          continue;
        }
        const { xid, err } = decodeReplyHeader(reader);
        if (err !== 0) return fail(errorCodeName(err) ?? `error ${err}`);
        if (xid !== XID) continue;
        members = decodeGetDataResponse(reader).data?.toString('utf8') ?? '';
        socket.end(closeSession());
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      if (members !== null) resolve(members);
      else reject(new TestKitError('TESTKIT_UNEXPECTED_ANSWER', 'reconfig: the server hung up', true));
    });
  });
}

function handshake(): Buffer {
  return framed((writer) =>
    encodeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeoutMs: 10_000,
      sessionId: 0n,
      password: Buffer.alloc(16),
      readOnly: false,
      hasReadOnly: true,
    }),
  );
}

function authentication(): Buffer {
  return framed((writer) => {
    encodeRequestHeader(writer, { xid: Xid.auth, type: OpCode.auth });
    encodeAuthRequest(writer, { type: 0, scheme: 'digest', auth: Buffer.from(SUPER_PASSWORD) });
  });
}

function request({ joiningServers, leavingServers, newMembers, curConfigId }: ReconfigureTarget): Buffer {
  return framed((writer) => {
    encodeRequestHeader(writer, { xid: XID, type: OpCode.reconfig });
    encodeReconfigRequest(writer, {
      joiningServers: joiningServers ?? null,
      leavingServers: leavingServers ?? null,
      newMembers: newMembers ?? null,
      curConfigId: curConfigId ?? -1n,
    });
  });
}

function closeSession(): Buffer {
  return framed((writer) => encodeRequestHeader(writer, { xid: XID + 1, type: OpCode.closeSession }));
}

function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return writer.toBuffer();
}
