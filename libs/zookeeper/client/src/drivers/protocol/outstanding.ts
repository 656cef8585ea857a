/** The requests of one connection that have no answer yet, in the order they were sent, which is that of the answers. */
import type { JuteReader } from '@menagerie/zookeeper-protocol';

/** How a request ends, whichever it is. */
export type Ending =
  | { readonly kind: 'reply'; readonly reply: unknown }
  | { readonly kind: 'refused'; readonly wireCode: number }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly tooLarge: boolean }
  | { readonly kind: 'lost'; readonly sent: boolean };

export interface Outstanding {
  readonly xid: number;
  /** By the client's clock, when its batch began: never later than the sending. */
  readonly sentAtMs: number;
  /** Number of the batch it is written with. */
  readonly batch: number;
  /** Reads what is behind the header of a reply without an error. */
  readonly decode: (reader: JuteReader) => unknown;
  readonly done: (ending: Ending) => void;
}

/** A slot that has been left is kept until this many are, so that taking one moves nothing. */
const COMPACT_AT = 1024;

/** First in, first out. Limit: none of its own, the client bounds the calls under way. */
export class OutstandingQueue {
  #items: (Outstanding | undefined)[] = [];
  /** Invariant: 0 <= head <= items.length; all before it are taken. */
  #head = 0;

  push(item: Outstanding): void {
    this.#items.push(item);
  }

  peek(): Outstanding | undefined {
    return this.#items[this.#head];
  }

  shift(): Outstanding | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && 2 * this.#head >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** All of them; none is left. */
  drain(): readonly Outstanding[] {
    const rest = this.#items.slice(this.#head) as Outstanding[];
    this.#items = [];
    this.#head = 0;
    return rest;
  }
}
