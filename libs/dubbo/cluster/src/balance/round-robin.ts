/** `roundrobin`, the smooth one: 5:1:1 gives a a b a c a a. Source: `RoundRobinLoadBalance.java`. */
import type { Provider } from '../provider/provider.js';
import { weightOf } from '../provider/weight.js';
import { at, type Balancer, type Choice } from './balancer.js';

/** Whoever has not been on the list for so long is forgotten, and starts from 0 when it comes back. */
export const RECYCLE_MS = 60_000;
/** Methods that are kept apart; the oldest goes when there are more. */
const MAX_METHODS = 1_000;

interface Turn {
  weight: number;
  current: number;
  seenAtMs: number;
}

export class RoundRobin implements Balancer {
  private readonly methods = new Map<string, Map<string, Turn>>();

  select(providers: readonly Provider[], { method, nowMs }: Choice): Provider {
    const turns = this.turnsOf(method);
    let total = 0;
    let best: { provider: Provider; turn: Turn } | undefined;
    for (const provider of providers) {
      const weight = weightOf(provider.url, method, nowMs);
      const turn = this.turnOf(turns, provider.address, weight);
      turn.current += weight;
      turn.seenAtMs = nowMs;
      total += weight;
      if (best === undefined || turn.current > best.turn.current) best = { provider, turn };
    }
    if (turns.size !== providers.length) {
      for (const [address, turn] of turns) if (nowMs - turn.seenAtMs > RECYCLE_MS) turns.delete(address);
    }
    if (best === undefined) return at(providers, 0);
    best.turn.current -= total;
    return best.provider;
  }

  private turnsOf(method: string): Map<string, Turn> {
    let turns = this.methods.get(method);
    if (turns === undefined) {
      const [oldest] = this.methods.keys();
      if (this.methods.size >= MAX_METHODS && oldest !== undefined) this.methods.delete(oldest);
      turns = new Map();
      this.methods.set(method, turns);
    }
    return turns;
  }

  /** A change of weight begins anew: what was saved up under the old one must not break out. */
  private turnOf(turns: Map<string, Turn>, address: string, weight: number): Turn {
    let turn = turns.get(address);
    if (turn === undefined) turns.set(address, (turn = { weight, current: 0, seenAtMs: 0 }));
    if (turn.weight !== weight) {
      turn.weight = weight;
      turn.current = 0;
    }
    return turn;
  }
}
