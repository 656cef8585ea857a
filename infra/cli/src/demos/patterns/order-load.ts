/** Customers who order one thing after the other, and remember what they were told. */
import type { TestService } from '@menagerie/platform-testing';
import type { DemoStage } from '../demo.js';
import { until } from '../until.js';

const CUSTOMERS = 4;
const WAIT_MS = 60_000;

export interface Orders {
  readonly taken: readonly { readonly id: string; readonly database: string }[];
  /** What went wrong, one line an order. */
  readonly failed: readonly string[];
}

export class OrderLoad implements AsyncDisposable {
  private readonly taken: { readonly id: string; readonly database: string }[] = [];
  private readonly failed: string[] = [];
  private isOver = false;
  private readonly customers: Promise<unknown>;

  constructor(shops: readonly TestService[]) {
    const order = async (customer: number) => {
      for (let n = 1; !this.isOver; n += 1) {
        const id = `${customer}-${n}`;
        try {
          const shop = shops[n % shops.length] as TestService;
          this.taken.push((await shop.post('/orders', { id, item: 'book' })) as { id: string; database: string });
        } catch (error) {
          this.failed.push(String(error));
        }
      }
    };
    this.customers = Promise.all(Array.from({ length: CUSTOMERS }, (_, index) => order(index + 1)));
  }

  /** Waits until so many more have been answered. */
  async more(count: number, { signal }: DemoStage): Promise<void> {
    const goal = this.taken.length + this.failed.length + count;
    await until(`${count} more orders`, { timeoutMs: WAIT_MS, signal, everyMs: 20 }, async () =>
      this.taken.length + this.failed.length >= goal ? true : undefined,
    );
  }

  async stop(): Promise<Orders> {
    this.isOver = true;
    await this.customers;
    return { taken: this.taken, failed: this.failed };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
