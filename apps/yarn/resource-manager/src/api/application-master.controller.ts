/** Masters register, ask and finish (ApplicationMasterService). Each call must carry the attempt's own token. */
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import {
  type AllocateRequest,
  allocateRequestSchema,
  type AllocateResponse,
  type FinishMasterRequest,
  finishMasterRequestSchema,
  type FinishMasterResponse,
  openMasterToken,
  type RegisterMasterRequest,
  registerMasterRequestSchema,
  type RegisterMasterResponse,
  YarnRequestError,
} from '@menagerie/yarn-protocol';
import { checked } from '@menagerie/yarn-nest';
import type { ActiveLife } from '../manager/active-life.js';
import { ResourceManager } from '../manager/resource-manager.js';

@Controller('rpc/application-master')
export class ApplicationMasterController {
  constructor(private readonly rm: ResourceManager) {}

  @Post('register')
  @HttpCode(200)
  register(
    @Headers('authorization') authorization: string | undefined,
    @Body(checked(registerMasterRequestSchema)) request: RegisterMasterRequest,
  ): RegisterMasterResponse {
    return this.life(authorization, request.attemptId).run((services, nowMs) =>
      services.registerMaster(request, nowMs),
    );
  }

  @Post('allocate')
  @HttpCode(200)
  allocate(
    @Headers('authorization') authorization: string | undefined,
    @Body(checked(allocateRequestSchema)) request: AllocateRequest,
  ): AllocateResponse {
    return this.life(authorization, request.attemptId).run((services, nowMs) => services.allocate(request, nowMs));
  }

  @Post('finish')
  @HttpCode(200)
  finish(
    @Headers('authorization') authorization: string | undefined,
    @Body(checked(finishMasterRequestSchema)) request: FinishMasterRequest,
  ): FinishMasterResponse {
    return this.life(authorization, request.attemptId).run((services, nowMs) => services.finishMaster(request, nowMs));
  }

  private life(authorization: string | undefined, attemptId: string): ActiveLife {
    const life = this.rm.active;
    const bearer = openMasterToken(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '', life.masterKey);
    if (bearer === attemptId) return life;
    throw new YarnRequestError('YARN_UNAUTHORIZED', `expected the token of ${attemptId}, got that of ${bearer}`);
  }
}
