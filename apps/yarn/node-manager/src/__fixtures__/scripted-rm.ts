/** A ResourceManager that says what a test wants, and mints real tokens. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ContainerGrant,
  mintContainerToken,
  type NodeHeartbeatRequest,
  type NodeHeartbeatResponse,
  type RegisterNodeRequest,
  RmPath,
} from '@menagerie/yarn-protocol';

export class ScriptedRm {
  readonly registrations: RegisterNodeRequest[] = [];
  readonly heartbeats: NodeHeartbeatRequest[] = [];
  readonly goodbyes: unknown[] = [];
  /** Given with the next heartbeat, once. */
  next: Partial<NodeHeartbeatResponse> = {};
  identifier = 1;
  key = Buffer.from('the key of this life');
  private responseId = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedRm> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const answer = rm.answer(request.url ?? '', JSON.parse(body || '{}'));
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const rm: ScriptedRm = new ScriptedRm(server);
    return rm;
  }

  get addresses(): string {
    return `rm1=127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private answer(path: string, body: unknown): unknown {
    switch (path) {
      case RmPath.registerNode:
        this.registrations.push(body as RegisterNodeRequest);
        this.responseId = 0;
        return {
          action: 'NORMAL',
          diagnostics: '',
          rmIdentifier: this.identifier,
          rmId: 'rm1',
          containerTokenKey: this.key.toString('base64'),
          heartbeatIntervalMs: 50,
          containersToCleanUp: [],
        };
      case RmPath.nodeHeartbeat: {
        this.heartbeats.push(body as NodeHeartbeatRequest);
        const more = this.next;
        this.next = {};
        return {
          responseId: ++this.responseId,
          action: 'NORMAL',
          diagnostics: '',
          containersToCleanUp: [],
          applicationsToCleanUp: [],
          containersToForget: [],
          ...more,
        };
      }
      default:
        this.goodbyes.push(body);
        return {};
    }
  }

  /** What this ResourceManager knows of a container by the last heartbeat. */
  statusOf(containerId: string) {
    return this.heartbeats.at(-1)?.containers.find((one) => one.containerId === containerId);
  }

  grant(
    number: number,
    node: { id: string; address: string },
    claim: Partial<Parameters<typeof mintContainerToken>[0]> = {},
  ): ContainerGrant {
    const containerId = `container_e01_1_0001_01_${String(number).padStart(6, '0')}`;
    const resource = { memoryMb: 128, vcores: 1 };
    const whole = {
      containerId,
      nodeId: node.id,
      resource,
      rmIdentifier: this.identifier,
      expiresAtMs: Date.now() + 60_000,
      ...claim,
    };
    const token = mintContainerToken(whole, this.key);
    return {
      containerId,
      nodeId: node.id,
      nodeHttpAddress: node.address,
      resource: whole.resource,
      priority: 1,
      token,
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
