/** What masters and the ResourceManager ask of this node's containers. */
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { checked } from '@menagerie/yarn-nest';
import {
  NmPath,
  type StartContainerRequest,
  startContainerRequestSchema,
  type StartContainerResponse,
  type StopContainerRequest,
  stopContainerRequestSchema,
} from '@menagerie/yarn-protocol';
import { ContainerManager } from '../container/container-manager.js';

@Controller()
export class ContainersController {
  constructor(@Inject(ContainerManager) private readonly containers: ContainerManager) {}

  @Post(NmPath.startContainer)
  @HttpCode(200)
  async start(
    @Body(checked(startContainerRequestSchema)) request: StartContainerRequest,
  ): Promise<StartContainerResponse> {
    await this.containers.start(request);
    return { containerId: request.grant.containerId };
  }

  @Post(NmPath.stopContainer)
  @HttpCode(200)
  stop(@Body(checked(stopContainerRequestSchema)) request: StopContainerRequest): object {
    this.containers.stop(request);
    return {};
  }
}
