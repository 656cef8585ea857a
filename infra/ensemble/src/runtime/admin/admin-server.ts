/**
 * The AdminServer: commands as JSON below `commandURL`, and `/metrics` for Prometheus, on the admin port and on the
 * exporter's own port if the metrics provider of zoo.cfg asks for one. Source: JettyAdminServer.java.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CoreLog } from '../../core/contract/index.js';
import type { HostPort } from '../../core/quorum/index.js';
import type { AdminConfig } from '../config/index.js';
import { listen } from '../net/listen.js';
import { openPort } from '../server/open-ports.js';
import { ADMIN_COMMANDS, runAdminCommand } from './admin-commands.js';
import { toJson } from './json.js';
import { monitor } from './monitor.js';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.js';
import type { ServerView } from './server-view.js';

type Handler = (path: string, response: ServerResponse) => void;

/** An operator's request is short, and so is their patience. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 64;

export class AdminServer {
  private readonly servers: Server[] = [];

  private constructor(
    private readonly config: AdminConfig,
    private readonly view: ServerView,
    private readonly log: CoreLog,
  ) {}

  /** @throws PortError */
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
    await Promise.all(
      this.servers.map(async (server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  private async listen(purpose: 'admin' | 'metrics', address: HostPort, handler: Handler): Promise<void> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
    server.maxConnections = MAX_CONNECTIONS;
    server.on('request', (request, response) => this.serve(request, response, handler));
    await openPort(purpose, address, () => listen(server, address));
    this.servers.push(server);
  }

  private serve(request: IncomingMessage, response: ServerResponse, handler: Handler): void {
    request.resume();
    if (request.method !== 'GET') {
      send(response, 405, 'text/plain', 'expected GET\n');
      return;
    }
    const [path] = (request.url ?? '/').split('?', 1) as [string];
    try {
      handler(path.replace(/(?<=.)\/$/, ''), response);
    } catch (error) {
      this.log.warn('admin command failed', { path, error: (error as Error).message });
      send(response, 500, 'text/plain', 'failed, the reason is in the log\n');
    }
  }

  private readonly answerCommand: Handler = (path, response) => {
    const { commandUrl } = this.config;
    if (path === '/metrics') {
      this.answerMetrics(path, response);
    } else if (path === commandUrl) {
      const links = ADMIN_COMMANDS.map(({ names: [name] }) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`);
      send(response, 200, 'text/html', links.join(''));
    } else if (path.startsWith(`${commandUrl}/`)) {
      const json = toJson(runAdminCommand(this.view, path.slice(commandUrl.length + 1)));
      send(response, 200, 'application/json', json);
    } else {
      send(response, 404, 'text/plain', `expected ${commandUrl}/<command> or /metrics\n`);
    }
  };

  private readonly answerMetrics: Handler = (path, response) => {
    if (path === '/metrics') send(response, 200, PROMETHEUS_CONTENT_TYPE, prometheusText(monitor(this.view)));
    else send(response, 404, 'text/plain', 'expected /metrics\n');
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
