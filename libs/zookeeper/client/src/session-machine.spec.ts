import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionMachine, type SessionEffect, type SessionEffects } from './session-machine.js';

const TIMEOUT_MS = 6_000;

/** Runs a machine through time: effects are collected, and the clock only moves when a test says so. */
class Bench {
  nowMs = 1_000;
  readonly effects: SessionEffect[] = [];
  readonly machine: SessionMachine;

  constructor(serverCount = 3, random = 0.5) {
    this.machine = new SessionMachine({ sessionTimeoutMs: TIMEOUT_MS, serverCount, random: () => random });
    this.#note(this.machine.start(this.nowMs));
  }

  /** Kinds of the effects since the last look; states with their reasons. */
  take(): string[] {
    return this.effects
      .splice(0)
      .map((effect) => (effect.kind === 'state' ? `${effect.change.state}: ${effect.change.reason}` : effect.kind));
  }

  attach(id = 1n, sentAtMs = this.nowMs): void {
    const session = { id, password: Buffer.alloc(16), negotiatedTimeoutMs: TIMEOUT_MS, sentAtMs, readOnly: false };
    this.#note(this.machine.attachedTo(session, this.nowMs));
  }
  answer(sentAtMs: number): void {
    this.#note(this.machine.answered(sentAtMs, this.nowMs));
  }
  detach(): void {
    this.#note(this.machine.detached(this.nowMs));
  }
  expire(): void {
    this.#note(this.machine.expired(this.nowMs));
  }
  close(): void {
    this.#note(this.machine.close('close'));
  }
  observe(): void {
    this.#note(this.machine.observe(this.nowMs));
  }

  /** Lets time pass, with a look at every deadline on the way; pings go out and are not answered. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let turn = 0; turn < 10_000; turn++) {
      const deadlineMs = this.machine.nextDeadlineMs();
      if (deadlineMs === null || deadlineMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, deadlineMs);
      this.observe();
    }
    this.nowMs = endMs;
  }

  /** The process stands still: no deadline is looked at on the way. */
  freeze(ms: number): void {
    this.nowMs += ms;
  }

  #note(effects: SessionEffects): void {
    for (const effect of effects) if (effect.kind === 'ping') this.machine.sent(this.nowMs);
    this.effects.push(...effects);
  }
}

function attached(serverCount?: number, random?: number): Bench {
  const bench = new Bench(serverCount, random);
  bench.attach();
  bench.take();
  return bench;
}

describe('the session machine', () => {
  it('tells of the new session before it is connected', () => {
    const bench = new Bench();
    expect(bench.take()).toEqual(['renew', 'open']);
    bench.attach(7n);
    expect(bench.take()).toEqual(['session', 'connected: session-created']);
    expect(bench.machine.session).toMatchObject({ id: 7n, generation: 1, negotiatedTimeoutMs: TIMEOUT_MS });
  });

  it('declares the session lost one timeout after the last contact, with no help from anybody', () => {
    const bench = attached();
    bench.detach();
    bench.pass(TIMEOUT_MS - 1);
    expect(bench.machine.state).toBe('suspended');
    bench.pass(1);
    expect(bench.machine.state).toBe('lost');
    expect(bench.take()).toContain('lost: timeout');
    expect(bench.machine.session).toBeNull();
  });

  it('counts from when a request was sent, not from when its answer came', () => {
    const bench = attached();
    bench.machine.sent(bench.nowMs);
    const sentAtMs = bench.nowMs;
    bench.freeze(3_000);
    bench.answer(sentAtMs);
    bench.detach();
    bench.pass(sentAtMs + TIMEOUT_MS - bench.nowMs - 1);
    expect(bench.machine.state).toBe('suspended');
    bench.pass(1);
    expect(bench.machine.state).toBe('lost');
  });

  it('does not believe an answer that proves only a session which may be over by now', () => {
    const bench = attached();
    bench.machine.sent(bench.nowMs);
    const sentAtMs = bench.nowMs;
    bench.freeze(TIMEOUT_MS);
    bench.answer(sentAtMs);
    expect(bench.take()).toEqual(['lost: timeout', 'retire', 'renew', 'open']);
  });

  it('is lost at the first look after the whole process stood still for longer than the timeout', () => {
    const bench = attached();
    bench.freeze(TIMEOUT_MS);
    bench.observe();
    expect(bench.machine.state).toBe('lost');
    const retire = bench.effects.find((effect) => effect.kind === 'retire');
    // The connection may still be good for telling the server.
    expect(retire).toMatchObject({ goodbye: true, generation: 1 });
  });

  it('asks before it gives a connection up, when the process stood still for less than the timeout', () => {
    const bench = attached();
    bench.machine.sent(bench.nowMs);
    bench.answer(bench.nowMs);
    bench.freeze(0.8 * TIMEOUT_MS);
    bench.observe();
    expect(bench.take()).toEqual(['ping']);
    const pingedAtMs = bench.nowMs;
    bench.pass(100);
    bench.answer(pingedAtMs);
    bench.pass(1_000);
    expect(bench.take()).toEqual([]);
  });

  it('pings when nothing was sent for a third of the timeout, and never later than after 10 s', () => {
    const bench = attached();
    expect(bench.machine.nextDeadlineMs()).toBe(bench.nowMs + TIMEOUT_MS / 3);
    const machine = new SessionMachine({ sessionTimeoutMs: 60_000, serverCount: 1, random: () => 0 });
    machine.start(0);
    machine.attachedTo(
      { id: 1n, password: Buffer.alloc(16), negotiatedTimeoutMs: 60_000, sentAtMs: 0, readOnly: false },
      0,
    );
    expect(machine.nextDeadlineMs()).toBe(10_000);
  });

  it('needs no ping while requests are sent', () => {
    const bench = attached();
    for (let i = 0; i < 20; i++) {
      bench.machine.sent(bench.nowMs);
      const sentAtMs = bench.nowMs;
      bench.pass(TIMEOUT_MS / 6);
      bench.answer(sentAtMs);
    }
    expect(bench.take()).toEqual([]);
    expect(bench.machine.state).toBe('connected');
  });

  it('drops a connection that does not answer for two thirds of the timeout, in time to try another', () => {
    const bench = attached();
    bench.pass(TIMEOUT_MS / 3);
    expect(bench.take()).toEqual(['ping']);
    bench.answer(bench.nowMs);
    bench.pass((2 / 3) * TIMEOUT_MS - 1);
    expect(bench.take()).toEqual(['ping']);
    bench.pass(1);
    expect(bench.take()).toEqual(['drop']);
    bench.detach();
    expect(bench.take()).toEqual(['suspended: no-answer', 'open']);
  });

  it('gives a slow answer two thirds of the timeout from the last word of the server', () => {
    const bench = attached();
    bench.pass(TIMEOUT_MS / 3);
    bench.answer(bench.nowMs);
    bench.take();
    bench.machine.sent(bench.nowMs);
    bench.pass((2 / 3) * TIMEOUT_MS - 1);
    expect(bench.take()).toEqual(['ping']);
    bench.pass(1);
    expect(bench.take()).toEqual(['drop']);
  });

  it('keeps a connection whose answers are late but keep coming', () => {
    const bench = attached();
    const sent: number[] = [];
    for (let i = 0; i < 60; i++) {
      bench.machine.sent(bench.nowMs);
      sent.push(bench.nowMs);
      bench.pass(TIMEOUT_MS / 10);
      // Each answer is half a timeout late.
      if (sent.length > 5) bench.answer(sent.shift()!);
    }
    expect(bench.take()).toEqual([]);
  });

  it('tries every server at once, then rests for a random moment, for as long as the session lasts', () => {
    const bench = attached(3, 0.5);
    bench.pass(1_000);
    bench.take();
    const opens: number[] = [];
    bench.detach();
    for (let i = 0; i < 6; i++) {
      opens.push(bench.nowMs);
      expect(bench.take()).toContain('open');
      bench.detach();
      if (i === 2) {
        expect(bench.take()).toEqual([]);
        bench.pass(500);
      }
    }
    expect(opens.map((at) => at - opens[0]!)).toEqual([0, 0, 0, 500, 500, 500]);
  });

  it('gives each server a turn before the session ends, if one does not answer the handshake', () => {
    const bench = attached(3);
    bench.pass(1_000);
    bench.detach();
    bench.take();
    const startedMs = bench.nowMs;
    for (let i = 0; i < 3; i++) {
      bench.pass(bench.machine.nextDeadlineMs()! - bench.nowMs);
      expect(bench.take()).toEqual(['drop']);
      bench.detach();
      bench.take();
    }
    expect(bench.nowMs - startedMs).toBeLessThan(TIMEOUT_MS - 1_000);
    expect(bench.machine.state).toBe('suspended');
  });

  it('keeps the session when another server takes it on', () => {
    const bench = attached();
    bench.detach();
    bench.take();
    bench.attach(1n);
    expect(bench.take()).toEqual(['connected: reattached']);
    expect(bench.machine.generation).toBe(1);
  });

  it('takes the server at its word that the session has expired', () => {
    const bench = attached();
    bench.pass(2_000);
    bench.detach();
    bench.take();
    bench.expire();
    expect(bench.take()).toEqual(['lost: expired', 'retire', 'renew', 'open']);
    bench.attach(2n);
    expect(bench.take()).toEqual(['session', 'connected: session-created']);
    expect(bench.machine.session).toMatchObject({ id: 2n, generation: 2 });
  });

  it('takes another session than its own for the end of its own', () => {
    const bench = attached();
    bench.detach();
    bench.take();
    bench.attach(2n);
    expect(bench.take()).toEqual(['lost: expired', 'retire', 'session', 'connected: session-created']);
    expect(bench.machine.generation).toBe(2);
  });

  it('does not start on a session that was granted so long ago that it may be over', () => {
    const bench = new Bench();
    bench.take();
    const sentAtMs = bench.nowMs;
    bench.freeze(TIMEOUT_MS);
    bench.attach(1n, sentAtMs);
    expect(bench.take()).toEqual(['retire', 'renew', 'open']);
    expect(bench.machine.state).toBe('connecting');
  });

  it.each([
    ['a server that takes the session and hangs up', (bench: Bench) => (bench.attach(), bench.detach())],
    ['a server that hangs up', (bench: Bench) => bench.detach()],
    ['a server that knows no session', (bench: Bench) => bench.expire()],
    ['a server that ends each session at once', (bench: Bench) => (bench.attach(), bench.expire())],
  ])('does not spin on %s', (_what, answer) => {
    const bench = new Bench(1);
    let opens = 0;
    const endMs = bench.nowMs + 10_000;
    while (bench.nowMs < endMs && opens < 1_000) {
      if (bench.take().includes('open')) {
        opens++;
        answer(bench);
      } else {
        bench.pass(10);
      }
    }
    // Twice a second at random() = 0.5, and each may be tried once without a pause.
    expect(opens).toBeLessThan(50);
    expect(opens).toBeGreaterThan(5);
  });

  it('is closed once and for all', () => {
    const bench = attached();
    bench.close();
    expect(bench.take()).toEqual(['closed: close', 'retire']);
    for (const act of [() => bench.attach(), () => bench.detach(), () => bench.expire(), () => bench.close()]) act();
    bench.pass(100_000);
    expect(bench.take()).toEqual([]);
    expect(bench.machine.nextDeadlineMs()).toBeNull();
  });

  it('is closed by credentials that are refused', () => {
    const bench = attached();
    expect(bench.machine.authFailed()).toMatchObject([{ change: { state: 'closed', reason: 'auth-failed' } }, {}]);
  });
});

describe('the session machine, whatever happens', () => {
  const events = fc.oneof(
    fc.record({ kind: fc.constant('attach'), id: fc.bigInt(1n, 2n), lateMs: fc.integer({ min: 0, max: TIMEOUT_MS }) }),
    fc.record({ kind: fc.constant('answer'), lateMs: fc.integer({ min: 0, max: 2 * TIMEOUT_MS }) }),
    fc.record({ kind: fc.constantFrom('detach', 'expire', 'sent') }),
    fc.record({ kind: fc.constantFrom('pass', 'freeze'), ms: fc.integer({ min: 0, max: TIMEOUT_MS }) }),
  ) as fc.Arbitrary<{ kind: string; id?: bigint; lateMs?: number; ms?: number }>;

  it('never claims a session that a server may have ended, and tells of every change in order', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 60 }), (script) => {
        const bench = new Bench(2);
        // The model: when the session was last proven to be known to a server.
        let provenMs = -Infinity;
        let state = 'connecting';
        let generation = 0;
        for (const event of script) {
          const sentAtMs = bench.nowMs - (event.lateMs ?? 0);
          if (event.kind === 'attach') {
            bench.attach(event.id, sentAtMs);
            provenMs = sentAtMs;
          } else if (event.kind === 'answer') {
            if (bench.machine.attached) provenMs = Math.max(provenMs, sentAtMs);
            bench.answer(sentAtMs);
          } else if (event.kind === 'detach') bench.detach();
          else if (event.kind === 'expire') bench.expire();
          else if (event.kind === 'sent') bench.machine.sent(bench.nowMs);
          else if (event.kind === 'pass') bench.pass(event.ms!);
          else bench.freeze(event.ms!);
          bench.observe();

          for (const effect of bench.effects.splice(0)) {
            if (effect.kind === 'session') expect(effect.change.session.generation).toBe(++generation);
            if (effect.kind !== 'state') continue;
            expect(effect.change.previous).toBe(state);
            state = effect.change.state;
          }
          expect(bench.machine.state).toBe(state);
          expect(bench.machine.session !== null).toBe(state === 'connected' || state === 'suspended');
          if (bench.machine.session !== null) expect(bench.nowMs).toBeLessThan(provenMs + TIMEOUT_MS);
        }
      }),
      { numRuns: 500 },
    );
  });
});
