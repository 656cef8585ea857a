/** Submit, look, kill (ClientRMService). */
import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import {
  killRequestSchema,
  type SubmitRequest,
  submitRequestSchema,
  type SubmitResponse,
} from '@menagerie/yarn-protocol';
import { checked } from '@menagerie/yarn-nest';
import type { z } from 'zod';
import { ResourceManager } from '../manager/resource-manager.js';

@Controller('ws/v1/cluster/apps')
export class ApplicationsController {
  constructor(private readonly rm: ResourceManager) {}

  @Get()
  list() {
    return { apps: { app: this.rm.active.run((services, nowMs) => services.applications(nowMs)) } };
  }

  @Post('new-application')
  @HttpCode(200)
  newApplication() {
    return this.rm.active.services.newApplication();
  }

  /** Answers before it is stored: ask until it has left NEW_SAVING. */
  @Post()
  @HttpCode(202)
  submit(@Body(checked(submitRequestSchema)) { context, user }: SubmitRequest): SubmitResponse {
    const { id, state } = this.rm.active.run((services, nowMs) => services.submit(context, user, nowMs));
    return { applicationId: id, state };
  }

  @Get(':id')
  get(@Param('id') id: string) {
    return { app: this.rm.active.run((services, nowMs) => services.application(id, nowMs)) };
  }

  @Put(':id/state')
  kill(@Param('id') id: string, @Body(checked(killRequestSchema)) request: z.infer<typeof killRequestSchema>) {
    const why = request.diagnostics ?? 'killed by a user';
    return { app: this.rm.active.run((services, nowMs) => services.kill(id, why, nowMs)) };
  }
}
