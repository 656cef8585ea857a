/** The DNS front of the dispatcher, over UDP and TCP on one port. What to answer is decided in `answerTo`. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { answerTo, chooseTarget, type Target } from '@menagerie/platform-core';
import { HealthRegistry, LOGGER, type Logger, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { Counter, type Registry } from 'prom-client';
import type { DdnsConfig } from '../config.js';
import { DomainTree } from '../domains/domain-tree.js';

const MAX_CONNECTIONS = 100;
const IDLE_MS = 10_000;
/** A question is one name and a few options; what is longer is none. */
const MAX_QUESTION_BYTES = 1_024;
const LENGTH_BYTES = 2;

@Injectable()
export class DnsServer implements OnApplicationBootstrap {
  private udp: UdpSocket | null = null;
  private tcp: Server | null = null;
  private readonly connections = new Set<Socket>();
  private readonly questions: Counter;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: DdnsConfig,
    @Inject(DomainTree) private readonly tree: DomainTree,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    const metric = { labelNames: ['transport'], registers: [registry] };
    this.questions = new Counter({ name: 'ddns_questions_total', help: 'DNS questions answered', ...metric });
    if (this.isWanted) {
      health.add('dns', () => ({ state: this.udp === null ? 'down' : 'up', details: { port: this.config.dnsPort } }));
    }
    order.add('leave', 'the DNS front', () => this.close());
  }

  /** @throws Error when the port is taken */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.isWanted) return;
    const { dnsPort: port, http } = this.config;
    const udp = createSocket('udp4');
    udp.on('message', (message, { port: to, address }) => {
      const answer = this.answer(message, 'udp');
      if (answer !== null) udp.send(answer, to, address, () => undefined);
    });
    const tcp = createServer((socket) => this.serve(socket));
    tcp.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(port, http.host, resolve);
    });
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(port, http.host, resolve);
    });
    for (const each of [udp, tcp])
      each.on('error', (error) => this.logger.error({ err: error }, 'the DNS front failed'));
    this.udp = udp;
    this.tcp = tcp;
    this.logger.info({ port }, `answers DNS on ${http.host}:${port}`);
  }

  private get isWanted(): boolean {
    return this.config.dnsPort !== 0 && this.config.parts.has('dispatcher');
  }

  private serve(socket: Socket): void {
    this.connections.add(socket);
    let unread = Buffer.alloc(0);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.connections.delete(socket));
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= LENGTH_BYTES) {
        const length = unread.readUInt16BE(0);
        // No question is so long: whoever sends this does not speak DNS.
        if (length > MAX_QUESTION_BYTES) return void socket.destroy();
        if (unread.length < LENGTH_BYTES + length) return;
        const answer = this.answer(unread.subarray(LENGTH_BYTES, LENGTH_BYTES + length), 'tcp');
        unread = unread.subarray(LENGTH_BYTES + length);
        if (answer === null) return void socket.destroy();
        const prefix = Buffer.alloc(LENGTH_BYTES);
        prefix.writeUInt16BE(answer.length);
        // Whoever asks and does not read is not remembered for ever.
        if (!socket.write(Buffer.concat([prefix, answer]))) return void socket.destroy();
      }
    });
  }

  private answer(message: Buffer, transport: 'udp' | 'tcp'): Buffer | null {
    try {
      const answer = answerTo(message, (name) => rotated(this.tree.find(name)?.targets ?? null), transport);
      if (answer !== null) this.questions.inc({ transport });
      return answer;
    } catch (error) {
      this.logger.error({ err: error }, 'a question could not be answered');
      return null;
    }
  }

  private async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => (this.udp === null ? resolve() : this.udp.close(() => resolve()))),
      new Promise<void>((resolve) => (this.tcp === null ? resolve() : this.tcp.close(() => resolve()))),
    ]);
  }
}

/** Most resolvers take the first: it is chosen by weight. */
function rotated(targets: readonly Target[] | null): readonly Target[] | null {
  const first = targets === null ? null : chooseTarget(targets, Math.random());
  return first === null || targets === null ? targets : [first, ...targets.filter((each) => each !== first)];
}
