/** The ports a server listens on for clients, for elections and for operators; the first two move when its line does. */
import type { ClientAcceptor, Env, PeerInput } from '../../core/contract/index.js';
import type { EnsembleMember, HostPort, Membership } from '../../core/quorum/index.js';
import type { AdminServer } from '../admin/admin-server.js';
import { answerWord } from '../admin/four-letter-words.js';
import type { ServerView } from '../admin/server-view.js';
import type { ServerConfig } from '../config/index.js';
import { ElectionLinks } from '../net/index.js';
import type { PeerTransport } from '../tls/index.js';
import { ClientPorts } from './client-ports.js';
import { expectFree, openPort } from './open-ports.js';

export interface ServerPortsOptions {
  readonly config: ServerConfig;
  readonly env: Env;
  readonly view: ServerView;
  readonly transport: PeerTransport;
  readonly acceptor: ClientAcceptor;
  readonly onTlsFailure: () => void;
  readonly onRejected: () => void;
  /** Null for a server alone. */
  readonly membership: Membership | null;
  readonly deliver: (input: PeerInput) => void;
}

export class ServerPorts {
  readonly clients: ClientPorts;
  private electionLinks: ElectionLinks | null = null;
  private admin: AdminServer | null = null;
  /** Moves are made one after the other. */
  private moving: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly options: ServerPortsOptions) {
    const { config, env, view, acceptor, onTlsFailure, onRejected } = options;
    this.clients = new ClientPorts({
      config,
      acceptor,
      answerWord: (word, argument) => answerWord(view, word, argument),
      count: (what, bytes) => view.countBytes(what, bytes),
      onTlsFailure,
      onRejected,
      log: env.log,
    });
  }

  get election(): ElectionLinks | null {
    return this.electionLinks;
  }

  /** 0 if it does not listen for clients. */
  get clientPort(): number {
    return this.clients.port;
  }

  /** 0 without `secureClientPort`. */
  get secureClientPort(): number {
    return this.clients.securePort;
  }

  /** @throws PortError for the first that can not be had */
  async open(): Promise<void> {
    const { config, env, membership } = this.options;
    const own = membership?.member(config.serverId) ?? null;
    if (own !== null) {
      await expectFree('quorum', listenAddress(config, own.quorum));
      this.electionLinks = await this.openElection(own.election);
    }
    await this.clients.open();
    if (config.admin.enabled || config.admin.metricsAddress !== null) {
      // Loaded when it is wanted: HTTP is half a MiB that most servers have no use for.
      const { AdminServer } = await import('../admin/admin-server.js');
      this.admin = await AdminServer.open(config.admin, this.options.view, env.log);
    }
  }

  /** A change of the members has changed this server's own line. Connections that are there stay. */
  moveTo(before: EnsembleMember | null, after: EnsembleMember): void {
    this.moving = this.moving.then(async () => {
      if (this.isClosed) return;
      if (before === null || !sameAddress(before.election, after.election)) await this.moveElection(after.election);
      if (after.client !== null && !sameAddress(before?.client ?? null, after.client)) {
        await this.moveClients(after.client);
      }
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.moving;
    await Promise.all([this.clients.close(), this.admin?.close(), this.electionLinks?.close()]);
  }

  private async moveElection(address: HostPort): Promise<void> {
    const { env } = this.options;
    const former = this.electionLinks;
    try {
      this.electionLinks = await this.openElection(address);
      await former?.close();
      env.log.info('election port moved', { host: address.host, port: address.port });
    } catch (error) {
      env.log.error('election port could not be moved', { problem: (error as Error).message });
    }
  }

  private async moveClients(address: HostPort): Promise<void> {
    const { log } = this.options.env;
    try {
      await this.clients.moveTo(address);
      log.info('client port moved', { host: address.host, port: address.port });
    } catch (error) {
      log.error('client port could not be moved', { problem: (error as Error).message });
    }
  }

  private openElection(address: HostPort): Promise<ElectionLinks> {
    const { config, env, membership, transport, deliver } = this.options;
    const listenOn = listenAddress(config, address);
    return openPort('election', listenOn, () =>
      ElectionLinks.open({
        self: config.serverId,
        listenOn,
        announce: address,
        addressOf: (server) => membership?.member(server)?.election ?? null,
        onNotification: (from, notification) => deliver({ kind: 'notification', from, notification }),
        transport,
        connectTimeoutMs: config.timing.electionConnectTimeoutMs,
        log: env.log,
      }),
    );
  }
}

/** Where to listen for what others find at `address`. */
export const listenAddress = ({ quorumListenOnAllIPs }: ServerConfig, address: HostPort): HostPort =>
  quorumListenOnAllIPs ? { host: '0.0.0.0', port: address.port } : address;

const sameAddress = (one: HostPort | null, other: HostPort): boolean =>
  one !== null && one.host === other.host && one.port === other.port;
