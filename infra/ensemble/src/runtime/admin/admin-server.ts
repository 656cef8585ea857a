/**
 * The AdminServer: commands as JSON below `commandURL`, and `/metrics` for Prometheus, on the admin port and on the
 * exporter's own port if the metrics provider of zoo.cfg asks for one. Source: JettyAdminServer.java.
 *
 * A stranger gets little: headers of 16 KiB within 10 s, 64 connections, and no body is read before its sender may do
 * everything at the root.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { CoreLog } from '../../core/contract/index.js';
import type { HostPort } from '../../core/quorum/index.js';
import type { AdminConfig } from '../config/index.js';
import { listen } from '../net/listen.js';
import { openPort } from '../server/open-ports.js';
import { TlsGate, type TlsPeer } from '../tls/index.js';
import { type AdminAnswer, HttpStatus } from './admin-command.js';
import { ADMIN_COMMANDS, runAdminCommand } from './admin-commands.js';
import { GuardedCommands } from './guarded-commands.js';
import { toJson } from './json.js';
import { monitor } from './monitor.js';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.js';
import type { ServerView } from './server-view.js';

type Handler = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** An operator's headers are short, and so is their patience. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often connections are looked through for those that take longer. */
const LOOK_MS = 1000;
const MAX_HEADER_BYTES = 16_384;
const MAX_CONNECTIONS = 64;
const METHODS = 'GET, HEAD, POST, OPTIONS';

export class AdminServer {
  private readonly servers: Server[] = [];
  private readonly guarded: GuardedCommands;
  private gate: TlsGate | null = null;
  /** Who shook hands, by connection; gone with it. */
  private readonly peers = new WeakMap<Socket, TlsPeer>();

  private constructor(
    private readonly config: AdminConfig,
    private readonly view: ServerView,
    private readonly log: CoreLog,
  ) {
    this.guarded = new GuardedCommands(config, view);
  }

  /** @throws PortError, StoreError */
  static async open(config: AdminConfig, view: ServerView, log: CoreLog): Promise<AdminServer> {
    const admin = new AdminServer(config, view, log);
    try {
      if (config.enabled) await admin.listen('admin', config.address, admin.answerCommand);
      const { metricsAddress } = config;
      if (metricsAddress !== null) await admin.listen('metrics', metricsAddress, admin.answerMetrics);
    } catch (error) {
      await admin.close();
      throw error;
    }
    return admin;
  }

  async close(): Promise<void> {
    this.gate?.close();
    await Promise.all(
      this.servers.map(async (server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  private async listen(purpose: 'admin' | 'metrics', address: HostPort, handler: Handler): Promise<void> {
    const server = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      // A snapshot to restore takes its time; who says nothing at all is closed by the connection's own timeout.
      requestTimeout: 0,
      connectionsCheckingInterval: LOOK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.timeout = this.config.idleTimeoutMs;
    server.on('request', (request, response) => void this.serve(request, response, handler));
    server.on('clientError', (error, socket) => {
      this.log.warn('admin connection refused', { port: purpose, reason: error.message });
      socket.destroy();
    });
    if (purpose === 'admin' && this.config.tls !== null) this.guard(server);
    await openPort(purpose, address, () => listen(server, address));
    this.servers.push(server);
  }

  /** Connections come to HTTP by way of the gate. */
  private guard(server: Server): void {
    const { tls, allowsPlain } = this.config.tls!;
    const gate = new TlsGate({ config: tls, allowsPlain, purpose: 'admin', log: this.log });
    const [toHttp] = server.listeners('connection') as [(socket: Socket) => void];
    server.removeListener('connection', toHttp);
    server.on('connection', (raw) =>
      gate.admit(raw, (socket, peer) => {
        this.peers.set(socket, peer);
        if (peer === null) this.view.counts.plainAdmins++;
        toHttp.call(server, socket);
      }),
    );
    this.gate = gate;
  }

  private async serve(request: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
    const [path] = (request.url ?? '/').split('?', 1) as [string];
    // A body that nobody wants is not waited for, and nothing can follow it.
    if (bringsBody(request)) response.shouldKeepAlive = false;
    try {
      await handler(path.replace(/(?<=.)\/$/, ''), request, response);
    } catch (error) {
      this.log.warn('admin command failed', { path, error: (error as Error).message });
      if (response.headersSent) response.destroy();
      else send(response, HttpStatus.serverError, 'text/plain', 'failed, the reason is in the log\n');
    }
  }

  private readonly answerCommand: Handler = async (path, request, response) => {
    const { commandUrl } = this.config;
    if (path === '/metrics') return this.answerMetrics(path, request, response);
    if (path !== commandUrl && !path.startsWith(`${commandUrl}/`)) {
      return send(response, HttpStatus.notFound, 'text/plain', `expected ${commandUrl}/<command> or /metrics\n`);
    }
    if (request.method === 'OPTIONS') return send(response, HttpStatus.ok, 'text/plain', '', { allow: METHODS });
    if (path === commandUrl) return this.answerIndex(request, response);
    const name = path.slice(commandUrl.length + 1);
    const needed = this.guarded.methodOf(name);
    if (!isAsked(request, needed ?? 'GET')) return refuseMethod(response, needed ?? 'GET');
    const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
    if (needed === null) {
      return send(response, HttpStatus.ok, 'application/json', toJson(runAdminCommand(this.view, name, query)));
    }
    const answer = await this.guarded.run(name, {
      query,
      authorization: request.headers.authorization ?? null,
      from: {
        remoteAddress: request.socket.remoteAddress ?? '',
        certificateName: this.peers.get(request.socket)?.certificateName ?? null,
      },
      body: request,
    });
    if (answer.status !== HttpStatus.ok) this.log.warn('admin command refused', { name, status: answer.status });
    else this.log.info('admin command done', { name, from: request.socket.remoteAddress ?? '' });
    await this.sendAnswer(request, response, answer);
  };

  private async sendAnswer(
    request: IncomingMessage,
    response: ServerResponse,
    { status, fields, headers = {}, stream }: AdminAnswer,
  ): Promise<void> {
    if (stream === undefined) return send(response, status, 'application/json', toJson(fields), headers);
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': stream.bytes,
      ...headers,
    });
    if (request.method !== 'HEAD') return pipeline(stream.body, response);
    stream.body.destroy();
    response.end();
  }

  private answerIndex(request: IncomingMessage, response: ServerResponse): void {
    if (!isAsked(request, 'GET')) return refuseMethod(response, 'GET');
    const { commandUrl } = this.config;
    const names = [...ADMIN_COMMANDS.map(({ names: [name] }) => name), ...this.guarded.primaryNames].sort();
    const links = names.map((name) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`);
    send(response, HttpStatus.ok, 'text/html', links.join(''));
  }

  private readonly answerMetrics: Handler = (path, request, response) => {
    if (path !== '/metrics') return send(response, HttpStatus.notFound, 'text/plain', 'expected /metrics\n');
    if (!isAsked(request, 'GET')) return refuseMethod(response, 'GET');
    send(response, HttpStatus.ok, PROMETHEUS_CONTENT_TYPE, prometheusText(monitor(this.view)));
  };
}

const bringsBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const isAsked = ({ method }: IncomingMessage, needed: 'GET' | 'POST'): boolean =>
  method === needed || (needed === 'GET' && method === 'HEAD');

function refuseMethod(response: ServerResponse, needed: string): void {
  send(response, HttpStatus.methodNotAllowed, 'text/plain', `expected ${needed}\n`, { allow: needed });
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}
