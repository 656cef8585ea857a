/**
 * Who a connection is: auth packets, SASL tokens, the certificate it came with, and whether that is enough to be
 * served. Answered at once, also in front of earlier requests. Source: ZooKeeperServer.processPacket and processSasl,
 * AuthenticationHelper.java.
 */
import {
  decodeAuthRequest,
  decodeSaslRequest,
  ErrorCode,
  type JuteReader,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import { DigestMd5Server, SUPER_ID } from '../auth/index.js';
import type { Connection } from './connection.js';
import { beginReply } from './outbox.js';
import type { ServerCore } from './server-core.js';

const TOO_MANY = 'too many identities on one connection';

export class Authentication {
  constructor(private readonly core: ServerCore) {}

  /** A TLS client is its certificate from the start. @returns false if that was refused; the connection is closed then */
  arrived(connection: Connection): boolean {
    const { certificateName, remoteAddress } = connection.party;
    if ((connection.link.tls ?? null) === null) {
      const isLocal = remoteAddress === '::1' || remoteAddress.startsWith('127.');
      this.core.traffic[isLocal ? 'plainLocalConnections' : 'plainRemoteConnections']++;
    }
    if (certificateName === null) return true;
    const identities = this.core.providers.get('x509')?.authenticate(null, connection.party) ?? null;
    if (identities !== null) {
      connection.addIdentities(identities);
      return true;
    }
    this.failed(connection, 'x509', 'certificate refused');
    this.core.close(connection, 'certificate refused');
    return false;
  }

  /** Whether a request is refused for want of one of the schemes that the operator demands; told and closed then. */
  refuses(connection: Connection, xid: number): boolean {
    const { enforcedSchemes } = this.core.config;
    if (enforcedSchemes === null) return false;
    if (connection.authInfo.some(({ scheme }) => enforcedSchemes.includes(scheme))) return false;
    this.core.env.log.warn('client is not authenticated as demanded', {
      from: connection.link.remoteAddress,
      has: connection.authInfo.map(({ scheme }) => scheme).join(','),
      expected: enforcedSchemes.join(','),
    });
    this.core.outbox.header(connection, xid, 0n, ErrorCode.SessionClosedRequireSaslAuth);
    this.core.close(connection, 'not authenticated as demanded');
    return true;
  }

  authPacket(connection: Connection, xid: number, reader: JuteReader): void {
    const packet = readOrNull(() => decodeAuthRequest(reader));
    if (packet === null) return this.core.close(connection, 'expected an auth packet');
    const identities = this.core.providers.get(packet.scheme)?.authenticate(packet.auth, connection.party) ?? null;
    if (identities === null) {
      this.failed(connection, packet.scheme, 'credentials refused');
      this.core.outbox.header(connection, xid, 0n, ErrorCode.AuthFailed);
      return this.core.close(connection, 'authentication failed');
    }
    if (!connection.addIdentities(identities)) {
      this.failed(connection, packet.scheme, TOO_MANY);
      this.core.outbox.header(connection, xid, 0n, ErrorCode.AuthFailed);
      return this.core.close(connection, `authentication failed: ${TOO_MANY}`);
    }
    this.core.outbox.header(connection, xid, 0n, ErrorCode.Ok);
  }

  saslToken(connection: Connection, xid: number, reader: JuteReader): void {
    const token = readOrNull(() => decodeSaslRequest(reader))?.token ?? null;
    if (token === null) return this.core.close(connection, 'expected a SASL token');
    const { sasl } = this.core.config;
    // A server without a login configuration finds nothing wrong, and has no token.
    if (sasl === null) return this.saslAnswer(connection, xid, ErrorCode.Ok, null);
    connection.sasl ??= new DigestMd5Server(sasl.newNonce(), (user) => sasl.passwordOf(user));
    const step = connection.sasl.evaluate(token);
    if (step.kind === 'failed') return this.saslFailed(connection, xid, step.reason);
    if (step.kind === 'done') {
      const identities = [{ scheme: 'sasl', id: step.user }];
      if (sasl.superUsers.includes(step.user)) identities.push(SUPER_ID);
      if (!connection.addIdentities(identities)) return this.saslFailed(connection, xid, TOO_MANY);
      this.core.env.log.info('client authenticated', { scheme: 'sasl', user: step.user });
    }
    this.saslAnswer(connection, xid, ErrorCode.Ok, step.token);
  }

  private saslFailed(connection: Connection, xid: number, reason: string): void {
    this.failed(connection, 'sasl', reason);
    const isDemanded = this.core.config.enforcedSchemes?.includes('sasl') ?? false;
    if (this.core.config.sasl!.allowFailedClients && !isDemanded) {
      return this.saslAnswer(connection, xid, ErrorCode.Ok, null);
    }
    this.saslAnswer(connection, xid, isDemanded ? ErrorCode.SessionClosedRequireSaslAuth : ErrorCode.AuthFailed, null);
    this.core.close(connection, 'authentication failed');
  }

  /** The one answer with a body behind an error. */
  private saslAnswer(connection: Connection, xid: number, err: ErrorCode, token: Buffer | null): void {
    const { outbox } = this.core;
    const writer = outbox.open(connection);
    const mark = beginReply(writer, xid, 0n, err);
    writer.writeBuffer(token);
    outbox.finishFrame(connection, mark);
  }

  private failed(connection: Connection, scheme: string, reason: string): void {
    this.core.traffic.authFailures++;
    this.core.env.log.warn('authentication failed', { scheme, from: connection.link.remoteAddress, reason });
  }
}

function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ZkProtocolError) return null;
    throw error;
  }
}
