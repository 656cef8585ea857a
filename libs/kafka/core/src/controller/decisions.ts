/**
 * What a controller writes on each occasion. Every function looks at the context and answers with changes of leadership;
 * the controller writes them on the condition of znode versions, tells the brokers, and takes them into the context.
 */
import { type LeaderIsr, NO_LEADER } from '../znodes/topic-node.js';
import type { ControllerContext, PartitionInfo } from './controller-context.js';
import {
  type Candidates,
  electOffline,
  electOnShutdown,
  electPreferred,
  type Elected,
  electReassigned,
} from './election.js';
import { isReassigning, targetOf } from './reassignment.js';

export interface LeaderChange {
  readonly info: PartitionInfo;
  readonly next: LeaderIsr;
  /** The version the znode must have; null when it is to be made. */
  readonly zkVersion: number | null;
}

function candidates(context: ControllerContext, info: PartitionInfo): Candidates {
  return { replicas: info.assignment.replicas, isr: info.leaderIsr?.isr ?? [], isLive: context.isLive };
}

/** The change to an elected leader: its epoch is one more, so that nobody follows the one before. */
function changeTo(context: ControllerContext, info: PartitionInfo, { leader, isr }: Elected): LeaderChange {
  return {
    info,
    next: { leader, isr, leaderEpoch: (info.leaderIsr?.leaderEpoch ?? -1) + 1, controllerEpoch: context.epoch },
    zkVersion: info.leaderIsr?.zkVersion ?? null,
  };
}

/** The first leader of a new partition: the first replica alive; all that are alive are in sync, for all are empty. */
export function firstLeaders(context: ControllerContext, infos: Iterable<PartitionInfo>): readonly LeaderChange[] {
  return [...infos].flatMap((info) => {
    const isr = info.assignment.replicas.filter(context.isLive);
    return info.leaderIsr !== null || isr.length === 0 ? [] : [changeTo(context, info, { leader: isr[0]!, isr })];
  });
}

/** Leaders for all that have none, where there is somebody who may lead. */
export function electForOffline(
  context: ControllerContext,
  infos: Iterable<PartitionInfo>,
  allowsUnclean: (topic: string) => boolean,
): readonly LeaderChange[] {
  return [...infos].flatMap((info) => {
    if (context.stateOf(info) !== 'Offline' || context.deleting.has(info.topic)) return [];
    const elected = electOffline(candidates(context, info), allowsUnclean(info.topic));
    return elected === null ? [] : [changeTo(context, info, elected)];
  });
}

/**
 * After brokers have died (and left `context.live`): new leaders where they led, and nobody dead in any ISR. The last
 * one in sync stays in it: it is the only one that has everything.
 */
export function onBrokersDied(
  context: ControllerContext,
  dead: ReadonlySet<number>,
  allowsUnclean: (topic: string) => boolean,
): readonly LeaderChange[] {
  const changes: LeaderChange[] = [];
  for (const info of context.partitions()) {
    const { leaderIsr } = info;
    if (leaderIsr === null || !info.assignment.replicas.some((id) => dead.has(id))) continue;
    const isr = leaderIsr.isr.filter((id) => !dead.has(id));
    if (dead.has(leaderIsr.leader)) {
      const elected = context.deleting.has(info.topic)
        ? null
        : electOffline(candidates(context, info), allowsUnclean(info.topic));
      const nobody = { leader: NO_LEADER, isr: isr.length === 0 ? leaderIsr.isr : isr };
      changes.push(changeTo(context, info, elected ?? nobody));
    } else if (isr.length < leaderIsr.isr.length && isr.length > 0) {
      changes.push(changeTo(context, info, { leader: leaderIsr.leader, isr }));
    }
  }
  return changes;
}

/** Leadership away from a broker that is about to stop, and the broker out of every ISR, where others remain. */
export function onControlledShutdown(context: ControllerContext, brokerId: number): readonly LeaderChange[] {
  const changes: LeaderChange[] = [];
  for (const info of context.partitionsOn(brokerId)) {
    const { leaderIsr } = info;
    if (leaderIsr === null || info.assignment.replicas.length < 2) continue;
    if (leaderIsr.leader === brokerId) {
      const elected = electOnShutdown(candidates(context, info), context.shuttingDown);
      if (elected !== null) changes.push(changeTo(context, info, elected));
    } else if (leaderIsr.isr.includes(brokerId)) {
      const isr = leaderIsr.isr.filter((id) => id !== brokerId);
      if (isr.length > 0) changes.push(changeTo(context, info, { leader: leaderIsr.leader, isr }));
    }
  }
  return changes;
}

/** Preferred leaders where somebody else leads and the preferred one may. */
export function electPreferredLeaders(
  context: ControllerContext,
  infos: Iterable<PartitionInfo>,
): readonly LeaderChange[] {
  return [...infos].flatMap((info) => {
    const elected = electPreferred(candidates(context, info));
    return elected === null || elected.leader === info.leaderIsr?.leader ? [] : [changeTo(context, info, elected)];
  });
}

/** For automatic balance: brokers whose partitions are led by others to more than `threshold` (0 to 1) of them. */
export function imbalanced(context: ControllerContext, threshold: number): readonly PartitionInfo[] {
  const preferred = new Map<number, PartitionInfo[]>();
  for (const info of context.partitions()) {
    const head = info.assignment.replicas[0];
    if (head === undefined || context.deleting.has(info.topic)) continue;
    preferred.set(head, [...(preferred.get(head) ?? []), info]);
  }
  return [...preferred].flatMap(([broker, infos]) => {
    const away = infos.filter((info) => info.leaderIsr?.leader !== broker && !isReassigning(info.assignment));
    return context.isLive(broker) && away.length / infos.length > threshold ? away : [];
  });
}

/**
 * The leadership of a reassigned partition whose new replicas have all caught up: the leader is one of them, and those
 * to be removed are out of the ISR. Null when nobody of them may lead.
 */
export function finishReassignment(context: ControllerContext, info: PartitionInfo): LeaderChange | null {
  const { leaderIsr } = info;
  if (leaderIsr === null) return null;
  const target = targetOf(info.assignment);
  const elected = target.includes(leaderIsr.leader)
    ? { leader: leaderIsr.leader, isr: leaderIsr.isr }
    : electReassigned(candidates(context, info), target);
  if (elected === null) return null;
  return changeTo(context, info, { leader: elected.leader, isr: elected.isr.filter((id) => target.includes(id)) });
}

/** The same leadership under a new epoch, so that brokers learn of changed replicas. */
export function renewEpoch(context: ControllerContext, info: PartitionInfo): LeaderChange | null {
  const { leaderIsr } = info;
  return leaderIsr === null ? null : changeTo(context, info, leaderIsr);
}
