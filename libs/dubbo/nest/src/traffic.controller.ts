/** What this process offers and what it calls, in numbers: `GET /dubbo`. */
import { Controller, Get, Inject } from '@nestjs/common';
import type { CallCounts } from '@menagerie/dubbo-rpc';
import { DubboLifecycle } from './dubbo.lifecycle.js';

interface Counts {
  readonly active: number;
  /** A refusal is an answer. */
  readonly succeeded: number;
  readonly failed: number;
}

export interface Traffic {
  readonly application: string;
  readonly served: readonly ({ readonly method: string } & Counts)[];
  readonly called: readonly ({
    readonly service: string;
    readonly providers: readonly ({ readonly address: string; readonly isReachable: boolean } & Counts)[];
  } & CallCounts)[];
}

@Controller('dubbo')
export class TrafficController {
  constructor(@Inject(DubboLifecycle) private readonly dubbo: DubboLifecycle) {}

  @Get()
  traffic(): Traffic {
    const { application, served, references } = this.dubbo;
    return {
      application,
      served: [...served].map(([method, { active, succeeded, failed }]) => ({ method, active, succeeded, failed })),
      called: references.map((reference) => ({
        service: reference.serviceKey,
        ...reference.counts,
        providers: reference.providers.map((provider) => {
          return { address: provider.address, isReachable: reference.isReachable(provider), ...provider.totals };
        }),
      })),
    };
  }
}
