/**
 * The election port: at most one connection with each other server, made by the larger id, and the newest notification
 * for each. Source: QuorumCnxManager.java.
 *
 * A server of smaller id that has something to say dials, is hung up on, and is dialled back. What is sent meanwhile
 * replaces what was to be sent: an old vote is of no use to anybody. Dialling waits for nobody (ZOOKEEPER-2164).
 */
import { createServer, type Server, type Socket } from 'node:net';
import {
  decodeNotification,
  ElectionStreamDecoder,
  encodeGreeting,
  encodeNotification,
  frameElectionMessage,
  type Notification,
} from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../../core/contract/index.js';
import type { PeerTransport } from '../tls/index.js';
import { closeServer, listen } from './listen.js';
import { reasonOf, type HostPort, type NetLog } from './types.js';

export interface ElectionLinksOptions {
  readonly self: ServerId;
  readonly listenOn: HostPort;
  /** What others are told to dial. */
  readonly announce: HostPort;
  /**
   * Where a server's election port is; `null` for one that is in no configuration. Asked before each dialling. One that
   * wants to join is in none, and is dialled where it says it listens.
   */
  readonly addressOf: (server: ServerId) => HostPort | null;
  readonly onNotification: (from: ServerId, notification: Notification) => void;
  readonly transport: PeerTransport;
  readonly connectTimeoutMs: number;
  readonly log: NetLog;
}

/** Connections that have not said who they are; one more takes the place of the oldest, so that none is kept out. */
const MAX_ANONYMOUS = 64;
const GREETING_TIMEOUT_MS = 5000;
/** A peer that takes no votes off the wire gets none queued behind these; the newest is sent when it reads again. */
const MAX_QUEUED_BYTES = 1 << 20;
/** An observer that has no id announces this and gets one of ours. Source: QuorumPeer.OBSERVER_ID. */
const MAX_SERVER_ID = 255n;

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

interface PeerLink {
  socket: Socket | null;
  dialling: boolean;
  /** Sent on the next connection, also again: a notification lost with a connection is not asked for twice. */
  newest: Buffer | null;
  /** What its last greeting said. */
  announced: HostPort | null;
}

export class ElectionLinks {
  private readonly server: Server;
  private readonly peers = new Map<ServerId, PeerLink>();
  private readonly anonymous = new Set<Socket>();
  private closed = false;

  private constructor(private readonly options: ElectionLinksOptions) {
    this.server = createServer((socket) => options.transport.admit(socket, (ready) => this.accepted(ready)));
  }

  /** @throws the system's error, such as EADDRINUSE. */
  static async open(options: ElectionLinksOptions): Promise<ElectionLinks> {
    const links = new ElectionLinks(options);
    await listen(links.server, options.listenOn);
    return links;
  }

  /** Also dials, if there is no connection. Never waits. */
  send(to: ServerId, notification: Notification): void {
    if (this.closed || to === this.options.self) return;
    const link = this.linkOf(to);
    link.newest = frameElectionMessage(encodeNotification(notification));
    if (link.socket === null) this.dial(to, link);
    else if (link.socket.writableLength < MAX_QUEUED_BYTES) link.socket.write(link.newest);
  }

  async close(): Promise<void> {
    this.closed = true;
    const sockets = [...this.anonymous, ...[...this.peers.values()].flatMap((link) => link.socket ?? [])];
    await closeServer(this.server, sockets);
  }

  private linkOf(server: ServerId): PeerLink {
    let link = this.peers.get(server);
    if (!link) this.peers.set(server, (link = { socket: null, dialling: false, newest: null, announced: null }));
    return link;
  }

  private dial(to: ServerId, link: PeerLink): void {
    const address = this.options.addressOf(to) ?? link.announced;
    if (link.dialling || address === null) return;
    link.dialling = true;
    const { transport } = this.options;
    const socket = transport.dial(address);
    socket.setTimeout(this.options.connectTimeoutMs, () => socket.destroy(new Error('no answer to the dialling')));
    socket.on('error', (error) =>
      this.options.log.debug('election dialling failed', { server: to, reason: error.message }),
    );
    socket.on('close', () => (link.dialling = false));
    socket.on(transport.connectedEvent, () => {
      link.dialling = false;
      if (this.closed) return void socket.destroy();
      socket.setTimeout(0);
      const greeting = encodeGreeting(BigInt(this.options.self), [this.options.announce]);
      // The larger id keeps the connection it made; the smaller one has only rung the bell.
      if (this.options.self < to) socket.end(greeting);
      else {
        socket.write(greeting);
        this.keep(to, socket, new ElectionStreamDecoder('dialled'));
      }
    });
  }

  private accepted(socket: Socket): void {
    if (this.closed) return void socket.destroy();
    if (this.anonymous.size >= MAX_ANONYMOUS) (this.anonymous.values().next().value as Socket).destroy();
    const { log, self } = this.options;
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    this.anonymous.add(socket);
    socket.setNoDelay(true);
    // From the first byte to the last: one that trickles in is not in time either.
    const deadline = setTimeout(() => socket.destroy(new Error('no greeting in time')), GREETING_TIMEOUT_MS);
    socket.on('error', (error) => log.debug('election connection failed', { from, reason: error.message }));
    socket.on('close', () => {
      clearTimeout(deadline);
      this.anonymous.delete(socket);
    });
    const decoder = new ElectionStreamDecoder('accepted');
    const onData = (chunk: Buffer) => {
      try {
        const [first, ...rest] = decoder.push(chunk);
        if (first === undefined) return;
        socket.off('data', onData);
        clearTimeout(deadline);
        if (first.kind !== 'greeting') throw new Error('the first item of an accepted stream is its greeting');
        const { serverId, addresses } = first.greeting;
        if (serverId < 0n || serverId > MAX_SERVER_ID || Number(serverId) === self) {
          throw new Error(`expected another server's id, got ${serverId}`);
        }
        const server = Number(serverId);
        if (server < self) {
          socket.destroy();
          // It would not ring if it knew of a connection: ours is dead, though we may not have heard of it yet.
          const link = this.linkOf(server);
          link.announced = addresses.find(({ host }) => !WILDCARDS.has(host)) ?? null;
          link.socket?.destroy();
          link.socket = null;
          this.dial(server, link);
          return;
        }
        this.anonymous.delete(socket);
        this.keep(server, socket, decoder);
        for (const item of rest) if (item.kind === 'message') this.deliver(server, item.body);
      } catch (error) {
        log.warn('bad greeting on the election port, connection closed', { from, reason: reasonOf(error) });
        socket.destroy();
      }
    };
    socket.on('data', onData);
  }

  /** The new connection replaces an old one, whose other end may be dead without our knowing. */
  private keep(server: ServerId, socket: Socket, decoder: ElectionStreamDecoder): void {
    const link = this.linkOf(server);
    link.socket?.destroy();
    link.socket = socket;
    socket.setKeepAlive(true, 1000);
    socket.on('close', () => {
      if (link.socket === socket) link.socket = null;
    });
    socket.on('data', (chunk) => {
      try {
        for (const item of decoder.push(chunk)) if (item.kind === 'message') this.deliver(server, item.body);
      } catch (error) {
        this.options.log.warn('bad election message, connection closed', { server, reason: reasonOf(error) });
        socket.destroy();
      }
    });
    if (link.newest) socket.write(link.newest);
  }

  private deliver(from: ServerId, body: Buffer): void {
    let notification: Notification;
    try {
      notification = decodeNotification(body);
    } catch (error) {
      // One bad notification is skipped and costs nobody the connection (ZOOKEEPER-3769).
      this.options.log.warn('bad notification skipped', { server: from, reason: reasonOf(error) });
      return;
    }
    this.options.onNotification(from, notification);
  }
}
