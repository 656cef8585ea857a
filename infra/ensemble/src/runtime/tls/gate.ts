/**
 * What stands between a listening port and its protocol where TLS is spoken: tells TLS from plain by the first byte,
 * shakes hands, looks at the certificate. Source: UnifiedServerSocket.java, NettyServerCnxnFactory.DualModeSslHandler
 * and CertificateVerifier.
 *
 *   accepted --first byte--> plain, if allowed ------------------> ready
 *                    '-----> TLS --handshake--> certificate fits --^
 *   any of it --too late, or wrong--> closed, one line
 */
import { constants, X509Certificate } from 'node:crypto';
import { lookupService } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { checkServerIdentity, createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/tls-types.js';
import { reasonOf, type NetLog } from '../net/types.js';
import { principalOf } from './principal.js';
import { serverOptions } from './contexts.js';

/** How a connection came through; null if it is plain. */
export type TlsPeer = { readonly certificateName: string | null } | null;

export interface TlsGateOptions {
  readonly config: TlsConfig;
  /** Port unification: plain connections are taken, too. */
  readonly allowsPlain: boolean;
  readonly purpose: string;
  readonly log: NetLog;
  readonly onFailure?: () => void;
}

/** The first byte of a handshake; of no length, word, packet or greeting of ours. */
const TLS_HANDSHAKE = 0x16;
/** From the first byte to the last of a handshake: slower ones are not in earnest. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Connections that have not come through yet; one more takes the place of the oldest, so that none is kept out. */
const MAX_PENDING = 256;

interface Pending {
  readonly raw: Socket;
  readonly key: string;
  readonly ready: (socket: Socket, peer: TlsPeer) => void;
  deadline: NodeJS.Timeout | null;
}

export class TlsGate {
  private readonly tls: Server;
  private readonly pending = new Map<string, Pending>();
  /** Those that had to make room for others. */
  exceeded = 0;

  /** @throws StoreError */
  constructor(private readonly options: TlsGateOptions) {
    this.tls = createServer({
      ...serverOptions(options.config),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      // Who somebody is comes from this handshake and not from an earlier one.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    this.tls.on('secureConnection', (socket) => void this.shaken(socket));
    this.tls.on('tlsClientError', (error, socket) => this.fail(keyOf(socket), reasonOf(error)));
  }

  /** Handshakes on their way. */
  get handshakes(): number {
    return this.pending.size;
  }

  /** @param ready called once, or never if the connection ends before */
  admit(raw: Socket, ready: Pending['ready']): void {
    const key = keyOf(raw);
    if (this.pending.size >= MAX_PENDING) {
      this.exceeded++;
      this.fail(this.pending.keys().next().value!, 'too many handshakes');
    }
    const one: Pending = { raw, ready, key, deadline: null };
    this.pending.set(key, one);
    const detection = this.options.config.detectionTimeoutMs;
    one.deadline = setTimeout(() => this.fail(key, `nothing said within ${detection} ms`), detection);
    raw.on('error', () => {});
    raw.once('close', () => this.fail(key, 'closed'));
    raw.once('data', (first) => this.spoken(one, first));
  }

  /** Ends what has not come through. */
  close(): void {
    for (const key of [...this.pending.keys()]) this.fail(key, 'the port is closed');
    this.tls.close();
  }

  private spoken(one: Pending, first: Buffer): void {
    if (!this.pending.has(one.key)) return;
    one.raw.pause();
    one.raw.unshift(first);
    const isTls = first[0] === TLS_HANDSHAKE;
    if (isTls) {
      clearTimeout(one.deadline!);
      one.deadline = setTimeout(() => this.fail(one.key, 'no handshake in time'), HANDSHAKE_TIMEOUT_MS);
      this.tls.emit('connection', one.raw);
    } else if (this.options.allowsPlain) {
      this.through(one);
      one.ready(one.raw, null);
      one.raw.resume();
    } else this.fail(one.key, 'expected TLS, got something else');
  }

  private async shaken(socket: TLSSocket): Promise<void> {
    const one = this.pending.get(keyOf(socket));
    if (one === undefined) return void socket.destroy();
    const certificate = socket.getPeerX509Certificate() ?? null;
    const problem = await this.problemWith(socket, certificate);
    if (!this.pending.has(one.key) || socket.destroyed) return void socket.destroy();
    if (problem !== null) return this.fail(one.key, problem);
    this.through(one);
    one.ready(socket, { certificateName: certificate === null ? null : principalOf(certificate) });
  }

  private async problemWith(socket: TLSSocket, certificate: X509Certificate | null): Promise<string | null> {
    const { clientAuth, clientHostnameVerification } = this.options.config;
    if (clientAuth === 'none') return null;
    if (certificate === null) return clientAuth === 'need' ? 'expected a certificate, got none' : null;
    if (!socket.authorized) return `expected a certificate that is trusted: ${String(socket.authorizationError)}`;
    if (!clientHostnameVerification) return null;
    return hostProblem(socket.remoteAddress ?? '', socket.getPeerCertificate());
  }

  private through(one: Pending): void {
    this.pending.delete(one.key);
    clearTimeout(one.deadline!);
  }

  private fail(key: string, reason: string): void {
    const one = this.pending.get(key);
    if (one === undefined) return;
    this.through(one);
    one.raw.destroy();
    this.options.onFailure?.();
    const { purpose, log } = this.options;
    log.warn('TLS connection refused', { port: purpose, from: key.split('-', 1)[0]!, reason });
  }
}

/** A certificate fits an address that it names, or one whose name it names. Source: ZKTrustManager.java. */
async function hostProblem(address: string, certificate: PeerCertificate): Promise<string | null> {
  const plain = address.replace(/^::ffff:/, '');
  if (checkServerIdentity(plain, certificate) === undefined) return null;
  const name = await lookupService(plain, 0).then(
    ({ hostname }) => hostname,
    () => null,
  );
  if (name !== null && checkServerIdentity(name, certificate) === undefined) return null;
  return `expected a certificate for ${plain}${name === null ? '' : ` or ${name}`}`;
}

/** Alike for a connection and the TLS on it. */
const keyOf = (socket: Socket): string => `${socket.remoteAddress}:${socket.remotePort}-${socket.localPort}`;
