/** A part that this process is not does not answer here. */
import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { PatternError } from '@menagerie/platform-core';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { DdnsConfig, Part } from './config.js';

const PART = 'ddns:part';

/** Which part a controller belongs to. */
export const OfPart = (part: Part): ClassDecorator => SetMetadata(PART, part);

@Injectable()
export class PartGuard implements CanActivate {
  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: DdnsConfig,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const part = this.reflector.get<Part | undefined>(PART, context.getClass());
    if (part === undefined || this.config.parts.has(part)) return true;
    const parts = [...this.config.parts].join(', ');
    throw new PatternError('PATTERN_BAD_REQUEST', `expected a question for ${parts}; this process is no ${part}`);
  }
}
