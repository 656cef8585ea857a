/**
 * One-shot watches of data, as one session sees them: each fires once, before the session is shown the new state, and no
 * reconnect loses one.
 */
import { hex, type Report } from './types.js';

/** The most watches of one session that are followed; a client which leaves more is not what these checks are for. */
const MAX_WATCHES = 10_000;

export class SessionWatches {
  /** By path: the change that the node had when the watch was left; null when there was no node. */
  private readonly left = new Map<string, bigint | null>();

  constructor(
    private readonly client: string,
    private readonly report: Report,
  ) {}

  get outstanding(): { readonly present: readonly string[]; readonly absent: readonly string[] } {
    const of = (isAbsent: boolean): string[] =>
      [...this.left].filter(([, mzxid]) => (mzxid === null) === isAbsent).map(([path]) => path);
    return { present: of(false), absent: of(true) };
  }

  /** The session was shown the node, with or without leaving a watch. `mzxid` null: there is none. */
  shown(path: string, mzxid: bigint | null, leavesWatch: boolean): void {
    const before = this.left.get(path);
    if (before !== undefined && before !== mzxid) {
      this.report(
        'a watch fires before the new state is seen',
        `${this.client} watched ${path} at ${change(before)} and is shown ${change(mzxid)} with no event between`,
      );
    }
    if (leavesWatch && this.left.size < MAX_WATCHES) this.left.set(path, mzxid);
    else if (before !== undefined && before !== mzxid) this.left.delete(path);
  }

  /** Watches of nodes that will never be again, which nobody is going to be told of. */
  forget(prefix: string): void {
    for (const path of this.left.keys()) if (path.startsWith(prefix)) this.left.delete(path);
  }

  fired(path: string): void {
    if (this.left.delete(path)) return;
    this.report('a watch fires once', `${this.client} was told of ${path}, which it did not watch (any longer)`);
  }
}

const change = (mzxid: bigint | null): string => (mzxid === null ? 'no node' : hex(mzxid));
