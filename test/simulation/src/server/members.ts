/**
 * Whom one server knows as members, over its lives: what stands in its `zoo.cfg` and the files beside it. As those it is
 * on disk at once; a full disk does not take it, and the log alone has it then.
 */
import {
  type EnsembleMember,
  LearnerRole,
  memberOf,
  type MembershipStore,
  parseQuorumConfigText,
  type QuorumConfig,
  type ReplicatedDatabase,
  type ServerId,
} from '@menagerie/ensemble';
import type { SimulatedDisk } from '../disk/simulated-disk.js';
import { hostOf } from '../network/network.js';

const CONFIG_NODE = '/zookeeper/config';

export function simulatedMember(id: ServerId, role: LearnerRole): EnsembleMember {
  const at = (port: number) => ({ host: hostOf(id), port });
  return { id, quorum: at(2888), election: at(3888), role, client: { host: '0.0.0.0', port: 2181 } };
}

/** In the beginning; null for one that stands alone. */
export function simulatedMembers(voters: readonly ServerId[], observers: readonly ServerId[]): QuorumConfig | null {
  if (voters.length === 1 && observers.length === 0) return null;
  const members = [
    ...voters.map((id) => simulatedMember(id, LearnerRole.participant)),
    ...observers.map((id) => simulatedMember(id, LearnerRole.observer)),
  ];
  return { members, groups: new Map(), weights: new Map(), version: 0n };
}

export class SimulatedMembers implements MembershipStore {
  private next: QuorumConfig | null = null;

  constructor(
    private readonly id: ServerId,
    private readonly disk: SimulatedDisk,
    private committed: QuorumConfig | null,
  ) {}

  /**
   * Whoever was removed is told by its operator who the others are, and comes back to watch. Not as a voter, whatever
   * change it has seen: it would count itself among the members of before.
   */
  get atStart(): QuorumConfig | null {
    const { committed, id } = this;
    if (committed === null || memberOf(committed, id) !== null) return committed;
    return { ...committed, members: [...committed.members, simulatedMember(id, LearnerRole.observer)] };
  }

  /** The later of file and log, as `ZkServer` looks for it. */
  lastSeen(database: ReplicatedDatabase): QuorumConfig | null {
    const { next } = this;
    const text = database.tree.get(CONFIG_NODE)?.data ?? '';
    if (text === '') return next;
    const logged = parseQuorumConfigText(text);
    return next === null || logged.version > next.version ? logged : next;
  }

  seeConfig(next: QuorumConfig | null): void {
    if (!this.disk.hasNoRoom || next === null) this.next = next;
  }

  activateConfig(config: QuorumConfig): void {
    if (this.disk.hasNoRoom) return;
    this.committed = config;
    this.next = null;
  }
}
