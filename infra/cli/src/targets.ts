/** Names for who is to be hurt: a process, or whoever has a role at this moment. */
import { allProcesses, findProcess, type Plan } from '@menagerie/topology';

import { UsageError } from './errors.js';
import { collectStatus } from './status/collect.js';
import type { PlatformStatus } from './status/model.js';

export const Role = {
  /** Of the ensemble. */
  leader: 'leader',
  follower: 'follower',
  activeRm: 'active-rm',
  standbyRm: 'standby-rm',
  /** The broker that is the controller. */
  kafkaController: 'kafka-controller',
  /** The allocator that leads. */
  logAllocator: 'log-allocator',
} as const;
export type Role = (typeof Role)[keyof typeof Role];

export const TARGET_HELP = `Targets:
  a process      zk1, rm2, nm3, kafka1, ... (menagerie status lists them)
  a role         leader, follower (of the ensemble), active-rm, standby-rm, kafka-controller,
                 log-allocator`;

/** @throws UsageError when nobody has the role, UnknownNameError for a name that nobody has */
export async function resolveTarget(plan: Plan, name: string): Promise<string> {
  const role = Object.values(Role).find((candidate) => candidate === name);
  if (role === undefined) {
    const known = [...allProcesses(plan).map(({ id }) => id), ...Object.values(Role)];
    if (!known.includes(name)) throw new UsageError(`expected a target (${known.join(', ')}), got "${name}"`);
    return findProcess(plan, name).id;
  }
  const id = holderOf(await collectStatus(plan), role);
  if (id === undefined) throw new UsageError(`nobody is ${role} at the moment`);
  return findProcess(plan, id).id;
}

export function holderOf(status: PlatformStatus, role: Role): string | undefined {
  switch (role) {
    case Role.leader:
      return status.ensemble.find((server) => server.role === 'leader')?.id;
    case Role.follower:
      return status.ensemble.find((server) => server.role === 'follower')?.id;
    case Role.activeRm:
      return status.yarn.resourceManagers.find(({ haState }) => haState === 'ACTIVE')?.id;
    case Role.standbyRm:
      return status.yarn.resourceManagers.find(({ haState }) => haState === 'STANDBY')?.id;
    case Role.kafkaController:
      return status.kafka.brokers.find(({ controllerEpoch }) => controllerEpoch !== undefined)?.id;
    case Role.logAllocator:
      return status.logs.leader;
  }
}
