/** What happened, for whoever replays a failing seed. Nothing is kept, and no line made, unless somebody will read it. */
import type { VirtualTime } from '../engine/virtual-time.js';

const MAX_LINES = 20_000;

export class Story {
  readonly lines: string[] = [];

  constructor(
    private readonly time: VirtualTime,
    private readonly isWanted: boolean,
  ) {}

  tell(line: () => string): void {
    if (!this.isWanted) return;
    // A bound, since a life may be long: the end is what explains a failure.
    if (this.lines.length >= MAX_LINES) this.lines.splice(0, MAX_LINES / 2);
    this.lines.push(`${this.time.nowMs.toFixed(1).padStart(10)}  ${line()}`);
  }
}
