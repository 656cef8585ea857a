/** Calls to one NodeManager: start and stop a container, look at the node. */
import {
  type ContainerGrant,
  type LaunchContext,
  type NodeInfo,
  nodeInfoSchema,
  NmPath,
  startContainerResponseSchema,
} from '@menagerie/yarn-protocol';
import { z } from 'zod';
import { call, type CallOptions } from './http.js';

export class NodeClient {
  constructor(private readonly options: CallOptions = {}) {}

  /** Starting a container that runs already is a success: the answer to the first call may have been lost. */
  async startContainer(grant: ContainerGrant, launch: LaunchContext, options: CallOptions = {}): Promise<void> {
    const body = { grant, launch };
    const what = { method: 'POST', path: NmPath.startContainer, body, reply: startContainerResponseSchema } as const;
    await call(grant.nodeHttpAddress, what, { ...this.options, ...options });
  }

  /** Stopping one that is over, or was never there, is a success. */
  async stopContainer(grant: ContainerGrant, options: CallOptions = {}): Promise<void> {
    const body = { containerId: grant.containerId, token: grant.token };
    const what = { method: 'POST', path: NmPath.stopContainer, body, reply: z.object({}) } as const;
    await call(grant.nodeHttpAddress, what, { ...this.options, ...options });
  }

  info(address: string, options: CallOptions = {}): Promise<NodeInfo> {
    return call(address, { method: 'GET', path: NmPath.info, reply: nodeInfoSchema }, { ...this.options, ...options });
  }
}
