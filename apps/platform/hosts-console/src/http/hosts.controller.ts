/** The console over HTTP. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { COMMANDS, DESIRED, hostName, type HostView, type MassLoss } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Monitor } from '../monitor/monitor.js';
import { Orders, type Outcome } from '../monitor/orders.js';

const MAX_HOSTS = 500;
const listing = z.strictObject({ desired: z.enum(DESIRED).default('in-service') });
const command = z.strictObject({
  hosts: z.array(hostName).min(1).max(MAX_HOSTS),
  verb: z.enum(COMMANDS),
  argument: z.string().max(100).default(''),
});
const upgrade = z.strictObject({ version: z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, 'expected 1.2.3') });

@Controller('hosts')
export class HostsController {
  constructor(
    @Inject(Monitor) private readonly monitor: Monitor,
    @Inject(Orders) private readonly orders: Orders,
  ) {}

  @Get()
  @Operation(
    'who is there, who is meant to be, who lies; frozen without a connection, and whether many are gone at once',
  )
  all(): { frozen: boolean; massLoss: MassLoss | null; hosts: readonly HostView[]; liars: object } {
    const { isFresh } = this.monitor;
    return {
      frozen: !isFresh,
      massLoss: this.monitor.massLoss(),
      hosts: this.monitor.hosts(),
      liars: this.monitor.liars(),
    };
  }

  @Post('losses/confirm')
  @HttpCode(204)
  @Operation('those who vanished together are lost indeed, and not cut off')
  confirm(): void {
    this.monitor.confirmLosses();
  }

  @Get('events')
  @Operation('who came and went')
  events(): object {
    return this.monitor.events();
  }

  @Put(':host')
  @HttpCode(204)
  @Operation('takes a host into the inventory, or says what it is meant to be', listing)
  async list(
    @Param('host', checked(hostName)) host: string,
    @Body(checked(listing)) { desired }: z.infer<typeof listing>,
  ): Promise<void> {
    await this.orders.list(host, desired);
  }

  @Post('commands')
  @Operation('an order to one host or many; answers with what came of it', command)
  async command(
    @Body(checked(command)) { hosts, verb, argument }: z.infer<typeof command>,
  ): Promise<readonly Outcome[]> {
    return await this.orders.command(hosts, verb, argument);
  }

  @Post('upgrades')
  @Operation('upgrades the agents one after the other', upgrade)
  async upgrade(@Body(checked(upgrade)) { version }: z.infer<typeof upgrade>): Promise<object> {
    return await this.orders.rollingUpgrade(version);
  }
}
