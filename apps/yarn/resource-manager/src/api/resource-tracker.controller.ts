/** NodeManagers register, report and say goodbye (ResourceTrackerService). */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  type NodeHeartbeatRequest,
  nodeHeartbeatRequestSchema,
  type NodeHeartbeatResponse,
  type RegisterNodeRequest,
  registerNodeRequestSchema,
  type RegisterNodeResponse,
  type UnregisterNodeRequest,
  unregisterNodeRequestSchema,
} from '@menagerie/yarn-protocol';
import { checked } from '@menagerie/yarn-nest';
import { ResourceManager } from '../manager/resource-manager.js';

@Controller('rpc/resource-tracker')
export class ResourceTrackerController {
  constructor(private readonly rm: ResourceManager) {}

  @Post('register')
  @HttpCode(200)
  register(@Body(checked(registerNodeRequestSchema)) request: RegisterNodeRequest): RegisterNodeResponse {
    return this.rm.active.run((services, nowMs) => services.registerNode(request, nowMs));
  }

  @Post('heartbeat')
  @HttpCode(200)
  heartbeat(@Body(checked(nodeHeartbeatRequestSchema)) request: NodeHeartbeatRequest): NodeHeartbeatResponse {
    return this.rm.active.run((services, nowMs) => services.nodeHeartbeat(request, nowMs));
  }

  @Post('unregister')
  @HttpCode(200)
  unregister(@Body(checked(unregisterNodeRequestSchema)) { nodeId }: UnregisterNodeRequest) {
    this.rm.active.run((services, nowMs) => services.unregisterNode(nodeId, nowMs));
    return {};
  }
}
