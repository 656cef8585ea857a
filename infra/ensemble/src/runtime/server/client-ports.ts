/** Where clients come in: the plain port, which may take TLS too, and the secure one, which takes nothing else. */
import type { HostPort } from '../../core/quorum/index.js';
import type { ServerConfig } from '../config/index.js';
import { ClientListener, type ClientListenerOptions, type ClientSocket } from '../net/index.js';
import { TlsGate } from '../tls/index.js';
import { openPort } from './open-ports.js';

export type ClientPortsOptions = Pick<
  ClientListenerOptions,
  'acceptor' | 'answerWord' | 'count' | 'onRejected' | 'log'
> & {
  readonly config: ServerConfig;
  readonly onTlsFailure: () => void;
};

export class ClientPorts {
  private plain: ClientListener | null = null;
  private secure: ClientListener | null = null;
  private readonly gates: TlsGate[] = [];

  constructor(private readonly options: ClientPortsOptions) {}

  /** @throws PortError, StoreError */
  async open(): Promise<void> {
    const { address, secureAddress } = this.options.config.clientPort;
    if (address !== null) this.plain = await this.openPlain(address);
    if (secureAddress !== null) {
      const gate = this.newGate(false);
      this.secure = await openPort('secure client', secureAddress, () =>
        ClientListener.open({ ...this.listenerOptions, address: secureAddress, gate }),
      );
    }
  }

  /** 0 if there is none. */
  get port(): number {
    return this.plain?.port ?? 0;
  }

  get securePort(): number {
    return this.secure?.port ?? 0;
  }

  /** Connections that have not begun a session. */
  *strangers(): Iterable<ClientSocket> {
    if (this.plain !== null) yield* this.plain.strangers();
    if (this.secure !== null) yield* this.secure.strangers();
  }

  /** TLS handshakes on their way. */
  get handshakes(): number {
    return this.gates.reduce((sum, gate) => sum + gate.handshakes, 0);
  }

  /** Handshakes that had to make room for others. */
  get handshakesExceeded(): number {
    return this.gates.reduce((sum, gate) => sum + gate.exceeded, 0);
  }

  /** Of the plain port. Connections that are there stay. @throws PortError */
  async moveTo(address: HostPort): Promise<void> {
    const { plain } = this;
    if (plain === null) this.plain = await this.openPlain(address);
    else await openPort('client', address, () => plain.moveTo(address));
  }

  async close(): Promise<void> {
    await Promise.all([this.plain?.close(), this.secure?.close()]);
  }

  private openPlain(address: HostPort): Promise<ClientListener> {
    const gate = this.options.config.clientPort.portUnification ? this.newGate(true) : null;
    return openPort('client', address, () => ClientListener.open({ ...this.listenerOptions, address, gate }));
  }

  private newGate(allowsPlain: boolean): TlsGate {
    const { config, log, onTlsFailure: onFailure } = this.options;
    const gate = new TlsGate({ config: config.clientPort.tls!, allowsPlain, purpose: 'client', log, onFailure });
    this.gates.push(gate);
    return gate;
  }

  private get listenerOptions() {
    const { clientPort } = this.options.config;
    return {
      ...this.options,
      backlog: clientPort.backlog,
      maxConnections: clientPort.maxCnxns,
      maxConnectionsPerAddress: clientPort.maxClientCnxns,
      sessionlessTimeoutMs: clientPort.sessionlessTimeoutMs,
      maxFrameBytes: clientPort.maxBufferBytes,
    };
  }
}
