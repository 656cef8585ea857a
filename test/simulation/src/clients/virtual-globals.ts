/**
 * Virtual time for code that asks the platform for time: while it is installed, timers, clocks and chance of this
 * process are a simulation's. Everything else such code waits for are promises, which need no time.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Random } from '../engine/random.js';
import { type Timer, VIRTUAL_EPOCH_MS, type VirtualTime } from '../engine/virtual-time.js';

type Callback = (...args: unknown[]) => void;

/** What `setTimeout` gives: Node's own has more, of which callers here use nothing else. */
class VirtualTimeout {
  constructor(readonly cancel: () => void) {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/** @returns puts everything back */
export function installVirtualGlobals(time: VirtualTime, random: Random): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const realNow = performance.now.bind(performance);
  const realDateNow = Date.now;
  const realRandom = Math.random;
  const realUuid = crypto.randomUUID;

  const after = (run: Callback, delayMs = 0, ...args: unknown[]) => {
    const timer = time.after(delayMs, () => run(...args));
    return new VirtualTimeout(() => timer.cancel());
  };
  const every = (run: Callback, delayMs = 0, ...args: unknown[]) => {
    let timer: Timer;
    const next = () => {
      timer = time.after(Math.max(1, delayMs), () => {
        next();
        run(...args);
      });
    };
    next();
    return new VirtualTimeout(() => timer.cancel());
  };
  const cancel = (timeout: unknown) => {
    if (timeout instanceof VirtualTimeout) timeout.cancel();
    else clearTimeout(timeout as NodeJS.Timeout);
  };
  const uuid = () => {
    const part = (digits: number) =>
      random
        .integer(0, 16 ** digits - 1)
        .toString(16)
        .padStart(digits, '0');
    return `${part(8)}-${part(4)}-4${part(3)}-8${part(3)}-${part(8)}${part(4)}` as const;
  };

  Object.assign(globalThis, { setTimeout: after, clearTimeout: cancel, setInterval: every, clearInterval: cancel });
  Object.assign(performance, { now: () => time.nowMs });
  Date.now = () => VIRTUAL_EPOCH_MS + Math.floor(time.nowMs);
  Math.random = random.next;
  crypto.randomUUID = uuid as typeof crypto.randomUUID;
  syncBuiltinESMExports();
  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Object.assign(performance, { now: realNow });
    Date.now = realDateNow;
    Math.random = realRandom;
    crypto.randomUUID = realUuid;
    syncBuiltinESMExports();
  };
}
