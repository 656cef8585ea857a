/** Who is active, and what a ResourceManager says of itself. */
import { clusterInfo, type RmAddress } from '@menagerie/yarn-client';
import type { ClusterInfo } from '@menagerie/yarn-protocol';

import { CliError } from '../../errors.js';
import type { DemoContext } from '../demo.js';

const ANSWER_MS = 3_000;

/** @throws when it does not answer */
export function infoOf(context: DemoContext, rmId: string): Promise<ClusterInfo> {
  return clusterInfo(addressOf(context, rmId), { timeoutMs: ANSWER_MS, signal: context.signal });
}

export function addressOf(context: DemoContext, rmId: string): RmAddress {
  const rm = context.yarn.proxy.addresses.find((candidate) => candidate.rmId === rmId);
  if (rm === undefined) throw new CliError('CLI_DEMO_ROLE', `expected a ResourceManager, got ${rmId}`);
  return rm;
}

export interface Roles {
  readonly active: string;
  readonly standby: string;
}

/** @throws CliError when not exactly one is active */
export async function rolesNow(context: DemoContext): Promise<Roles> {
  const { yarn } = await context.status();
  const [active, ...more] = yarn.resourceManagers.filter(({ haState }) => haState === 'ACTIVE');
  const standby = yarn.resourceManagers.find(({ haState }) => haState === 'STANDBY');
  if (active === undefined || standby === undefined || more.length > 0) {
    throw new CliError('CLI_DEMO_ROLE', 'expected one active and one standby ResourceManager');
  }
  return { active: active.id, standby: standby.id };
}

/** Every session that the ResourceManagers hold, by whose it is. */
export async function sessionsOf(context: DemoContext, rmIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const sessions = new Map<string, string>();
  for (const rmId of rmIds) {
    const { elector, store } = await infoOf(context, rmId);
    if (elector.sessionId !== null) sessions.set(`${rmId} elector`, elector.sessionId);
    if (store.sessionId !== null) sessions.set(`${rmId} store`, store.sessionId);
  }
  return sessions;
}
