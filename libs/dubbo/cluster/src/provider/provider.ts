/** A provider as calls see it: its URL, what the URL says about weight, and how its calls have gone. */
import type { DubboUrl } from '@menagerie/dubbo-url';
import { MethodStatus } from './method-status.js';

/** Of one provider, methods that are counted apart; names come from callers of the generic call. */
const MAX_METHODS = 1_000;

export class Provider {
  /** `host:port` */
  readonly address: string;
  /** Counts of methods beyond the limit. */
  private readonly others = new MethodStatus();
  private readonly methods = new Map<string, MethodStatus>();

  /** @param url merged with the consumer's parameters and the overrides */
  constructor(readonly url: DubboUrl) {
    this.address = url.address;
  }

  /** Counts of one method. */
  status(method: string): MethodStatus {
    let status = this.methods.get(method);
    if (status === undefined) {
      if (this.methods.size >= MAX_METHODS) return this.others;
      status = new MethodStatus();
      this.methods.set(method, status);
    }
    return status;
  }

  /** All methods together. */
  get totals(): { readonly active: number; readonly succeeded: number; readonly failed: number } {
    const totals = { active: 0, succeeded: 0, failed: 0 };
    for (const { active, succeeded, failed } of [...this.methods.values(), this.others]) {
      totals.active += active;
      totals.succeeded += succeeded;
      totals.failed += failed;
    }
    return totals;
  }
}
