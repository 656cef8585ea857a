/** The NodeManager's side of the resource tracker. */
import {
  type NodeHeartbeatRequest,
  type NodeHeartbeatResponse,
  nodeHeartbeatResponseSchema,
  type RegisterNodeRequest,
  type RegisterNodeResponse,
  registerNodeResponseSchema,
  RmPath,
} from '@menagerie/yarn-protocol';
import { z } from 'zod';
import type { RmCallOptions, RmProxy } from './rm-proxy.js';

export class TrackerClient {
  constructor(private readonly proxy: RmProxy) {}

  register(body: RegisterNodeRequest, options?: RmCallOptions): Promise<RegisterNodeResponse> {
    return this.proxy.call(
      { method: 'POST', path: RmPath.registerNode, body, reply: registerNodeResponseSchema },
      options,
    );
  }

  heartbeat(body: NodeHeartbeatRequest, options?: RmCallOptions): Promise<NodeHeartbeatResponse> {
    return this.proxy.call(
      { method: 'POST', path: RmPath.nodeHeartbeat, body, reply: nodeHeartbeatResponseSchema },
      options,
    );
  }

  async unregister(nodeId: string, options?: RmCallOptions): Promise<void> {
    await this.proxy.call(
      { method: 'POST', path: RmPath.unregisterNode, body: { nodeId }, reply: z.object({}) },
      options,
    );
  }
}
