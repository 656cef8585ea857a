/** One member of a consumer group, as its coordinator sees it. */
export interface Protocol {
  readonly name: string;
  /** The client's, opaque to us. */
  readonly metadata: Buffer;
}

export interface GroupMember {
  readonly memberId: string;
  /** Set for static members (KIP-345), who may come back under another member id. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  /** In order of preference. */
  protocols: readonly Protocol[];
  assignment: Buffer;
  /** The JoinGroup that waits for its answer. */
  joinToken: number | null;
  /** The SyncGroup that waits for its answer. */
  syncToken: number | null;
  /** It is out if nothing is heard of it until then. */
  sessionDeadlineMs: number;
}

export function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, index) => b[index]!.name === name && metadata.equals(b[index]!.metadata))
  );
}

export const metadataOf = (member: GroupMember, protocol: string): Buffer =>
  member.protocols.find(({ name }) => name === protocol)?.metadata ?? Buffer.alloc(0);

/** The protocol that most members would choose among those that all of them know; the earlier name wins a draw. */
export function selectProtocol(members: Iterable<GroupMember>): string {
  const all = [...members];
  const common = (all[0]?.protocols ?? [])
    .map(({ name }) => name)
    .filter((name) => all.every((member) => member.protocols.some((protocol) => protocol.name === name)));
  const votes = new Map<string, number>(common.map((name) => [name, 0]));
  for (const member of all) {
    const choice = member.protocols.find(({ name }) => votes.has(name));
    if (choice !== undefined) votes.set(choice.name, votes.get(choice.name)! + 1);
  }
  let [selected = '', most] = ['', -1];
  for (const [name, count] of votes) if (count > most) [selected, most] = [name, count];
  return selected;
}
