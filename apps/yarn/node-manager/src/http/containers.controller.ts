/** What masters and the ResourceManager ask of this node's containers. */
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import {
  NmPath,
  startContainerRequestSchema,
  type StartContainerResponse,
  stopContainerRequestSchema,
} from '@menagerie/yarn-protocol';
import { ContainerManager } from '../container/container-manager.js';
import { parseBody, YarnErrorFilter } from './yarn-error.filter.js';

@Controller()
@UseFilters(YarnErrorFilter)
export class ContainersController {
  constructor(@Inject(ContainerManager) private readonly containers: ContainerManager) {}

  @Post(NmPath.startContainer)
  @HttpCode(200)
  async start(@Body() body: unknown): Promise<StartContainerResponse> {
    const request = parseBody(startContainerRequestSchema, body);
    await this.containers.start(request);
    return { containerId: request.grant.containerId };
  }

  @Post(NmPath.stopContainer)
  @HttpCode(200)
  stop(@Body() body: unknown): object {
    this.containers.stop(parseBody(stopContainerRequestSchema, body));
    return {};
  }
}
