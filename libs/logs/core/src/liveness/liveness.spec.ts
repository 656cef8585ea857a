import { describe, expect, it } from 'vitest';
import { judge, type LivenessState, NO_PULSES } from './liveness.js';

const settings = { silentAfterMs: 6_000, moveDelayMs: 10_000, breakMs: 4_000 };

/** A cluster on a time line: who reports is said step by step, polls come every second. */
class Story {
  private state: LivenessState = NO_PULSES;
  private nowMs = 1_000_000;
  private readonly reports = new Map<string, number>();

  constructor(...ids: string[]) {
    for (const id of ids) this.reports.set(id, this.nowMs - 500);
    this.poll();
  }

  /** @param reporting who writes reports meanwhile; all others are silent */
  go(seconds: number, ...reporting: string[]): this {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1_000;
      for (const id of reporting) this.reports.set(id, this.nowMs - 100);
      this.poll();
    }
    return this;
  }

  /** The allocator sees nothing for a while: the ensemble elects, or it is cut off. Nor do reports get through. */
  blind(seconds: number): this {
    this.nowMs += seconds * 1_000;
    this.poll();
    return this;
  }

  get frozen(): boolean {
    return this.state.frozenSinceMs !== null;
  }

  get verdicts(): Record<string, string> {
    return Object.fromEntries([...this.state.pulses].map(([id, { verdict }]) => [id, verdict]));
  }

  private poll(): void {
    this.state = judge(this.state, this.reports, this.nowMs, settings);
  }
}

describe('liveness', () => {
  it('somebody who has not been seen to report is unproven, and alive after his first report', () => {
    expect(new Story('a').verdicts).toEqual({ a: 'unproven' });
    expect(new Story('a').go(1, 'a').verdicts).toEqual({ a: 'alive' });
  });

  it('one of three stops: silent after 6 s, dead after 10 s more', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c');
    expect(story.go(6, 'a', 'b').verdicts).toMatchObject({ c: 'alive' });
    expect(story.go(1, 'a', 'b').verdicts).toMatchObject({ c: 'silent' });
    expect(story.go(9, 'a', 'b').verdicts).toMatchObject({ c: 'silent' });
    expect(story.go(1, 'a', 'b').verdicts).toEqual({ a: 'alive', b: 'alive', c: 'dead' });
  });

  it('a blink shorter than the delay is forgiven', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c').go(12, 'a', 'b').go(1, 'a', 'b', 'c');
    expect(story.verdicts).toMatchObject({ c: 'alive' });
  });

  it('after a break of our own nobody is silent before a whole period has gone by again', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c').blind(60);
    expect(story.verdicts).toEqual({ a: 'alive', b: 'alive', c: 'alive' });
    expect(story.go(6, 'a', 'b').verdicts).toMatchObject({ c: 'alive' });
    expect(story.go(1, 'a', 'b').verdicts).toMatchObject({ c: 'silent' });
  });

  it('a new allocator gives everybody the full time, whatever the age of his report', () => {
    expect(new Story('a', 'b').go(6).verdicts).toEqual({ a: 'unproven', b: 'unproven' });
  });

  it('more than half silent at once: frozen, and nobody dies', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c').go(25, 'a');
    expect(story.frozen).toBe(true);
    expect(story.verdicts).toEqual({ a: 'alive', b: 'silent', c: 'silent' });
    expect(story.go(1, 'a', 'b', 'c').frozen).toBe(false);
  });

  it('nobody reports at all: nobody dies, for as long as it lasts', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c').go(600);
    expect(story.verdicts).toEqual({ a: 'silent', b: 'silent', c: 'silent' });
  });

  it('a freeze is believed after five silent periods if somebody does report', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c').go(7 + 31, 'a');
    expect(story.verdicts).toEqual({ a: 'alive', b: 'dead', c: 'dead' });
  });

  it('the dead of yesterday do not make today strange', () => {
    const story = new Story('a', 'b', 'c', 'd').go(3, 'a', 'b', 'c', 'd').go(20, 'a', 'b', 'c');
    expect(story.verdicts).toMatchObject({ d: 'dead' });
    expect(story.go(20, 'a', 'b').verdicts).toMatchObject({ c: 'dead', d: 'dead' });
    expect(story.frozen).toBe(false);
  });

  it('the dead stay dead through our own blindness, and rise by a report', () => {
    const story = new Story('a', 'b', 'c').go(3, 'a', 'b', 'c').go(20, 'a', 'b').blind(30);
    expect(story.verdicts).toMatchObject({ c: 'dead' });
    expect(story.go(1, 'a', 'b', 'c').verdicts).toMatchObject({ c: 'alive' });
  });
});
