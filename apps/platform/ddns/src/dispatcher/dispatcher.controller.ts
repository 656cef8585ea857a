/** Dispatcher: from a name to an address, for those who ask over HTTP; over DNS see `dns/dns-server.ts`. */
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { chooseTarget, PatternError, type Target } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { DomainTree } from '../domains/domain-tree.js';
import { OfPart } from '../part.guard.js';

export interface Resolution {
  readonly domain: string;
  /** Chosen by weight. */
  readonly address: string;
  readonly targets: readonly Target[];
  /** False when no server stands behind the answer at this moment. */
  readonly isFresh: boolean;
}

@OfPart('dispatcher')
@Controller('resolve')
export class DispatcherController {
  constructor(@Inject(DomainTree) private readonly tree: DomainTree) {}

  @Get(':name')
  @Operation('an address for a name, chosen by weight, and all there are')
  resolve(@Param('name') name: string): Resolution {
    const found = this.tree.find(name);
    if (found === null) {
      throw new PatternError('DDNS_UNKNOWN_NAME', `expected a name that is registered, got "${name.slice(0, 200)}"`);
    }
    const { domain, targets } = found;
    const chosen = chooseTarget(targets, Math.random());
    if (chosen === null) {
      throw new PatternError('DDNS_NO_ADDRESS', `${domain}: nobody is to be given at the moment`, true);
    }
    return { domain, address: chosen.address, targets, isFresh: this.tree.isFresh };
  }
}
