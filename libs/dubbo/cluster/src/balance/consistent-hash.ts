/** `consistenthash`: the same first argument, the same provider. Source: `ConsistentHashLoadBalance.java`. */
import { createHash } from 'node:crypto';
import type { Provider } from '../provider/provider.js';
import { at, type Balancer, type Choice } from './balancer.js';

/** Of each address on the ring: 40 digests of four words. Weights do not count. */
export const POINTS = 160;
const WORDS = 4;
const MAX_METHODS = 1_000;

interface Point {
  readonly hash: number;
  readonly provider: Provider;
}

interface Ring {
  /** Who it was made for: the list itself, which is another as soon as anything changes. */
  readonly of: readonly Provider[];
  readonly points: readonly Point[];
}

export class ConsistentHash implements Balancer {
  private readonly rings = new Map<string, Ring>();

  select(providers: readonly Provider[], { method, args }: Choice): Provider {
    const known = this.rings.get(method);
    const ring = known !== undefined && sameProviders(known.of, providers) ? known : this.build(method, providers);
    return locate(ring.points, word(digest(keyOf(args)), 0));
  }

  private build(method: string, providers: readonly Provider[]): Ring {
    const points: Point[] = [];
    for (const provider of providers) {
      for (let index = 0; index < POINTS / WORDS; index++) {
        const bytes = digest(`${provider.address}${index}`);
        for (let part = 0; part < WORDS; part++) points.push({ hash: word(bytes, part), provider });
      }
    }
    points.sort((a, b) => a.hash - b.hash);
    const ring = { of: providers, points };
    const [oldest] = this.rings.keys();
    if (!this.rings.has(method) && this.rings.size >= MAX_METHODS && oldest !== undefined) this.rings.delete(oldest);
    this.rings.set(method, ring);
    return ring;
  }
}

const digest = (text: string): Buffer => createHash('md5').update(text).digest();
const word = (bytes: Buffer, part: number): number => bytes.readUInt32LE(part * 4);

function keyOf(args: readonly unknown[]): string {
  const [first] = args;
  return typeof first === 'string' ? first : (JSON.stringify(first) ?? '');
}

const sameProviders = (a: readonly Provider[], b: readonly Provider[]): boolean =>
  a === b || (a.length === b.length && a.every((provider, index) => provider === b[index]));

/** The first point at or after the hash; after the last comes the first. */
function locate(points: readonly Point[], hash: number): Provider {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(points, middle).hash < hash) low = middle + 1;
    else high = middle;
  }
  return at(points, low === points.length ? 0 : low).provider;
}
