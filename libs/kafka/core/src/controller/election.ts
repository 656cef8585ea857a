/** Who leads a partition: a pure choice for each occasion (PartitionLeaderElectionAlgorithms). */

export interface Candidates {
  /** In order of preference. */
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly isLive: (brokerId: number) => boolean;
}

export interface Elected {
  readonly leader: number;
  readonly isr: readonly number[];
}

const liveIsr = ({ isr, isLive }: Candidates) => isr.filter(isLive);

/**
 * The leader died, or there never was one. Only somebody in sync loses nothing; anybody else would take what was
 * acknowledged with it, and is taken only if the topic says so.
 */
export function electOffline(candidates: Candidates, allowUnclean: boolean): Elected | null {
  const clean = candidates.replicas.find((id) => candidates.isLive(id) && candidates.isr.includes(id));
  if (clean !== undefined) return { leader: clean, isr: liveIsr(candidates) };
  const unclean = allowUnclean ? candidates.replicas.find(candidates.isLive) : undefined;
  return unclean === undefined ? null : { leader: unclean, isr: [unclean] };
}

/** The head of the list or nobody. */
export function electPreferred({ replicas, isr, isLive }: Candidates): Elected | null {
  const [preferred] = replicas;
  if (preferred === undefined || !isLive(preferred) || !isr.includes(preferred)) return null;
  return { leader: preferred, isr };
}

/** The first of the new replicas that is alive and in sync. */
export function electReassigned({ isr, isLive }: Candidates, target: readonly number[]): Elected | null {
  const leader = target.find((id) => isLive(id) && isr.includes(id));
  return leader === undefined ? null : { leader, isr };
}

/** Somebody in sync who is not about to go; those who are leave the ISR. */
export function electOnShutdown(candidates: Candidates, shuttingDown: ReadonlySet<number>): Elected | null {
  const isr = candidates.isr.filter((id) => !shuttingDown.has(id));
  const leader = candidates.replicas.find((id) => candidates.isLive(id) && isr.includes(id));
  return leader === undefined ? null : { leader, isr };
}
