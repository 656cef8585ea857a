/** The six by name. */
import { DubboError } from '@menagerie/dubbo-url';
import type { Balancer } from './balancer.js';
import { ConsistentHash } from './consistent-hash.js';
import { RoundRobin } from './round-robin.js';
import { adaptive, leastActive, random, shortestResponse } from './weighted.js';

export const BALANCERS = [
  'random',
  'roundrobin',
  'leastactive',
  'shortestresponse',
  'consistenthash',
  'adaptive',
] as const;
export type BalancerName = (typeof BALANCERS)[number];

const makers: Readonly<Record<BalancerName, () => Balancer>> = {
  random: () => random,
  roundrobin: () => new RoundRobin(),
  leastactive: () => leastActive,
  shortestresponse: () => shortestResponse,
  consistenthash: () => new ConsistentHash(),
  adaptive: () => adaptive,
};

/** One of its own for each reference. @throws DubboError `DUBBO_BAD_REQUEST` */
export function balancer(name: string): Balancer {
  const known = BALANCERS.find((candidate) => candidate === name);
  if (known !== undefined) return makers[known]();
  throw new DubboError('DUBBO_BAD_REQUEST', `expected a balancer (${BALANCERS.join(', ')}), got "${name}"`);
}
