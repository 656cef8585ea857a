/** Which ZooKeeper sessions a process holds, by its own word. */
import type { ProcessPlan } from '@menagerie/topology';

import { ChaosError, ChaosErrorCode } from '../errors.js';
import { parseSessionId } from './expire-session.js';

const TIMEOUT_MS = 3_000;

/**
 * Every service of ours that stands on ZooKeeper has the health indicator `zookeeper` with `sessionIds`.
 * @throws ChaosError when the process does not answer or names no session
 */
export async function ownSessions(process: ProcessPlan): Promise<readonly bigint[]> {
  if (process.probe.kind !== 'http') throw none(process.id, 'it is a server, not a client');
  const url = `http://${process.host}:${process.ports[process.probe.port]}${process.probe.path}`;
  let answer: unknown;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    answer = await response.json();
  } catch (error) {
    throw none(process.id, `${url} does not answer`, error);
  }
  const ids = sessionIdsIn(answer);
  if (ids.length === 0) throw none(process.id, `${url} names no session`);
  return ids;
}

/** @param health the body of `/health` */
export function sessionIdsIn(health: unknown): readonly bigint[] {
  const ids = property(property(property(health, 'details'), 'zookeeper'), 'sessionIds');
  if (!Array.isArray(ids)) return [];
  return ids.flatMap((id) => (typeof id === 'string' ? (parseSessionId(id) ?? []) : []));
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function none(id: string, why: string, cause?: unknown): ChaosError {
  return new ChaosError(ChaosErrorCode.noSession, `${id} has no ZooKeeper session to expire: ${why}`, { cause });
}
