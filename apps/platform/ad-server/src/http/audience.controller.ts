/** Whom to show ads on a topic, and how far the computation is. */
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { Audiences } from '../audience/audiences.js';

@Controller()
export class AudienceController {
  constructor(@Inject(Audiences) private readonly audiences: Audiences) {}

  @Get('state')
  @Operation('waiting, computing or serving; who computed what is served')
  state(): object {
    const { role, lines, computedHere } = this.audiences;
    const result = role === 'serving' ? { sha256: this.audiences.audience.sha256, by: this.audiences.audience.by } : {};
    return { role, lines, computedHere, ...result };
  }

  @Get('audience/:topic')
  @Operation('users who are interested in a topic')
  users(@Param('topic') topic: string): { topic: string; users: readonly string[] } {
    const { audience } = this.audiences.audience;
    const users = Object.hasOwn(audience, topic) ? audience[topic] : undefined;
    if (users !== undefined) return { topic, users };
    throw new PatternError('TASK_UNKNOWN', `expected a topic that somebody has visited, got "${topic.slice(0, 100)}"`);
  }
}
