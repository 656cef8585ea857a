/** Who is in the ensemble. */
import type { ServerId } from '../contract/index.js';

export interface HostPort {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export const LearnerRole = { participant: 'participant', observer: 'observer' } as const;
export type LearnerRole = (typeof LearnerRole)[keyof typeof LearnerRole];

/** One `server.N=host:quorumPort:electionPort[:role][;[clientHost:]clientPort]`. */
export interface EnsembleMember {
  readonly id: ServerId;
  readonly quorum: HostPort;
  readonly election: HostPort;
  readonly role: LearnerRole;
  /** Where clients find it; null if the line does not say. */
  readonly client: HostPort | null;
}

export interface QuorumConfig {
  /** By id, in ascending order. */
  readonly members: readonly EnsembleMember[];
  /** `group.N=1:2:3`: ids by group; empty for plain majority. */
  readonly groups: ReadonlyMap<number, readonly ServerId[]>;
  /** `weight.N=W`; a participant that is not here weighs 1. */
  readonly weights: ReadonlyMap<ServerId, number>;
  /** zxid of the transaction that made it; 0 for one that was never reconfigured. */
  readonly version: bigint;
}

/** `server.N`: one byte of each session id says which server made it. */
export const MAX_SERVER_ID = 255;

export const participantsOf = (config: QuorumConfig): ServerId[] =>
  config.members.filter((member) => member.role === LearnerRole.participant).map((member) => member.id);
