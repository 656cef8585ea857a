/** What an agent answers: which sources it has, and the stream of each. */
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { checked } from '@menagerie/service';
import type { Response } from 'express';
import { z } from 'zod';
import { Sources } from '../source/sources.js';
import { Streams } from './streams.js';

const streamQuery = z.object({
  from: z
    .string()
    .regex(/^\d{1,15}$/, 'expected an offset')
    .transform(Number),
});

@Controller('sources')
export class SourcesController {
  constructor(
    @Inject(Sources) private readonly sources: Sources,
    @Inject(Streams) private readonly streams: Streams,
  ) {}

  @Get()
  list() {
    return this.sources.all().map(({ source, path, begin, end, problem, counters }) => ({
      source,
      path,
      begin,
      end,
      ...counters,
      ...(problem === null ? {} : { problem }),
    }));
  }

  /** A body of frames (`@menagerie/logs-protocol`) that does not end by itself. */
  @Get(':source/stream')
  async stream(
    @Param('source') source: string,
    @Query(checked(streamQuery)) { from }: z.infer<typeof streamQuery>,
    @Res() response: Response,
  ): Promise<void> {
    await this.streams.send(this.sources.get(source), from, response);
  }
}
