/** Carries out the list: what is new is begun, what is gone is ended, and only then is the list's gen ours. */
import { Inject, Injectable } from '@nestjs/common';
import { type Assignment, NOTHING } from '@menagerie/logs-core';
import { LOGGER, type Logger } from '@menagerie/service';
import { Pullers } from '../pull/pullers.js';

@Injectable()
export class Duties {
  /** The list that is carried out: nothing outside of it is being collected. */
  done: Assignment = NOTHING;
  /** Told after each list that has been carried out. */
  onDone: () => void = () => undefined;
  private wanted: Assignment | null = null;
  private working: Promise<void> | null = null;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Pullers) private readonly pullers: Pullers,
  ) {}

  /** One list at a time, the latest last. Resolves when it, or one after it, has been carried out. */
  async carryOut(list: Assignment): Promise<void> {
    this.wanted = list;
    this.working ??= this.work().finally(() => (this.working = null));
    await this.working;
  }

  private async work(): Promise<void> {
    while (this.wanted !== null) {
      const list = this.wanted;
      this.wanted = null;
      const before = new Set(this.pullers.all().keys());
      await this.pullers.keepOnly(new Set(list.sources));
      for (const source of list.sources) await this.pullers.collect(source, list.gen);
      const begun = list.sources.filter((source) => !before.has(source));
      const ended = [...before].filter((source) => !list.sources.includes(source));
      this.done = list;
      if (begun.length + ended.length > 0) {
        this.logger.info({ gen: list.gen, sources: list.sources.length, begun, ended }, 'list carried out');
      }
      this.onDone();
    }
  }
}
