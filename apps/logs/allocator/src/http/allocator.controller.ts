/** What can be asked of an allocator, and told to the one that leads. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import {
  type AllocatorStateView,
  DEFAULT_SETTINGS,
  type HistoryView,
  logsPaths,
  readPayload,
  type Settings,
  settingsSchema,
  type TimedEvent,
} from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { checked } from '@menagerie/service';
import { isNodeExists, isNoNode } from '@menagerie/zookeeper-client';
import { z } from 'zod';
import { Election } from '../election/election.js';
import { EventLog } from '../reign/event-log.js';
import { readHistory } from '../reign/history-keeper.js';

const sinceQuery = z.object({
  since: z
    .string()
    .regex(/^\d{1,15}$/, 'expected milliseconds')
    .transform(Number)
    .default(0),
});
/** Only its names and types count here: a field that is left out must not get its default. */
const changes = z.strictObject(settingsSchema.shape).partial();

@Controller()
export class AllocatorController {
  constructor(
    @Inject(Election) private readonly election: Election,
    @Inject(EventLog) private readonly events: EventLog,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
  ) {}

  @Get('state')
  async state(): Promise<AllocatorStateView> {
    const { reign } = this.election;
    return {
      role: reign === null ? 'standby' : 'leader',
      leader: await this.election.leader(),
      ...(reign === null ? {} : { reign: reign.view() }),
    };
  }

  @Get('events')
  list(@Query(checked(sinceQuery)) { since }: z.infer<typeof sinceQuery>): readonly TimedEvent[] {
    return this.events.since(since);
  }

  @Get('history')
  async history(): Promise<HistoryView> {
    return await readHistory(await this.link.first);
  }

  /** What is named is changed; for this allocator and those after it. */
  @Patch('settings')
  async change(@Body() body: Readonly<Record<string, unknown>>): Promise<Settings> {
    checked(changes).transform(body, { type: 'body' });
    await this.election.leading();
    const client = await this.link.first;
    try {
      await client.create(logsPaths.settings, JSON.stringify(DEFAULT_SETTINGS));
    } catch (error) {
      if (!isNodeExists(error)) throw error;
    }
    const { data, stat } = await client.getData(logsPaths.settings);
    const settings = settingsSchema.parse({ ...readPayload.settings(data, logsPaths.settings), ...body });
    await client.setData(logsPaths.settings, JSON.stringify(settings), { version: stat.version });
    return settings;
  }

  @Post('rebalance')
  @HttpCode(202)
  async rebalance(): Promise<void> {
    (await this.election.leading()).rebalance();
  }

  @Post('collectors/:id/drain')
  @HttpCode(202)
  async drain(@Param('id') id: string): Promise<void> {
    await (await this.election.leading()).drain(id, true);
  }

  @Delete('collectors/:id/drain')
  @HttpCode(202)
  async keep(@Param('id') id: string): Promise<void> {
    await (await this.election.leading()).drain(id, false);
  }

  @Delete('collectors/:id')
  @HttpCode(204)
  async decommission(@Param('id') id: string): Promise<void> {
    await (await this.election.leading()).decommission(id);
  }

  /** A source that will not come back. What was collected of it stays at the sink. */
  @Delete('sources/:name')
  @HttpCode(204)
  async forget(@Param('name') name: string): Promise<void> {
    await this.election.leading();
    const client = await this.link.first;
    for (const path of [logsPaths.source(name), logsPaths.offset(name)]) {
      await client.delete(path).catch((error: unknown) => {
        if (!isNoNode(error)) throw error;
      });
    }
  }
}
