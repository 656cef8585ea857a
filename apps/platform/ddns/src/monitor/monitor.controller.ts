/** Monitor: what is registered, what is given out, and what the scanner did. */
import { Controller, Get, Inject } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { type Domain, DomainTree } from '../domains/domain-tree.js';
import { OfPart } from '../part.guard.js';
import { Scanner, type ScannerEvent } from '../scanner/scanner.js';

@OfPart('monitor')
@Controller('monitor')
export class MonitorController {
  constructor(
    @Inject(DomainTree) private readonly tree: DomainTree,
    @Inject(Scanner) private readonly scanner: Scanner,
  ) {}

  @Get()
  @Operation('all domains; ages of reports where the scanner that leads is in this process')
  all(): { isFresh: boolean; domains: readonly Domain[]; scanner: object } {
    const ages = Object.fromEntries(this.scanner.ages());
    return { isFresh: this.tree.isFresh, domains: this.tree.all(), scanner: { ...this.scanner.standing(), ages } };
  }

  @Get('events')
  @Operation('what the scanner in this process did while it led')
  events(): readonly ScannerEvent[] {
    return this.scanner.events();
  }
}
