/** The last things that an allocator decided, for the command line and the console. */
import { Inject, Injectable } from '@nestjs/common';
import type { AllocatorEvent, TimedEvent } from '@menagerie/logs-core';
import { LOGGER, type Logger } from '@menagerie/service';

const MAX_EVENTS = 1_000;

@Injectable()
export class EventLog {
  /** Invariant: at most `MAX_EVENTS`, oldest first. */
  private readonly events: TimedEvent[] = [];

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  add(event: AllocatorEvent): void {
    this.events.push({ ...event, atMs: Date.now() });
    if (this.events.length > MAX_EVENTS) this.events.shift();
    this.logger.info({ ...event }, event.kind);
  }

  since(atMs: number): readonly TimedEvent[] {
    return this.events.filter((event) => event.atMs >= atMs);
  }
}
