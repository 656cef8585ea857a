/**
 * Who is alive, from the times at which reports were last written.
 *
 * The rules and why:
 * - Time is the ensemble's: the `mtime` of a report against the `mtime` of a node that the allocator writes at the same
 *   poll. Nobody's own clock is believed.
 * - Silence counts only from what this allocator has seen itself, in polls that came through without a break. After an
 *   election of the ensemble, or of allocators, every report is old through nobody's fault.
 * - When more than half go silent at once, that is more likely our blindness than their death: frozen, nobody is declared
 *   dead. If it lasts while others do report, it is believed after all.
 *
 *      unproven --report--> alive --no report for silentAfterMs--> silent --moveDelayMs--> dead
 *          '----no report for silentAfterMs----------------------------^  <--report-- (from any)
 */

export const Verdict = {
  /** Not seen to report since we began to look: keeps what it has, is given nothing. */
  unproven: 'unproven',
  alive: 'alive',
  /** Stopped reporting; what it has stays its own for a while, in case it blinks. */
  silent: 'silent',
  /** What it has may be taken. */
  dead: 'dead',
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export interface LivenessSettings {
  readonly silentAfterMs: number;
  readonly moveDelayMs: number;
  /** A longer time between two polls is a break: all silence is counted from anew. */
  readonly breakMs: number;
}

/** What is known of one collector. */
export interface Pulse {
  readonly verdict: Verdict;
  /** Of its report, ensemble's clock; 0 when there is none. */
  readonly reportedAtMs: number;
  /** Since when we have watched it without seeing it change, ensemble's clock. */
  readonly unchangedSinceMs: number;
}

export interface LivenessState {
  readonly polledAtMs: number | null;
  readonly frozenSinceMs: number | null;
  readonly pulses: ReadonlyMap<string, Pulse>;
}

export const NO_PULSES: LivenessState = { polledAtMs: null, frozenSinceMs: null, pulses: new Map() };

/** A freeze is given up after so many times `silentAfterMs`, if anybody reports at all. */
const FREEZE_PATIENCE = 5;

/**
 * One poll's evidence.
 * @param reports each collector's report's `mtime`, 0 for none; whoever is missing is forgotten
 * @param nowMs the ensemble's clock at this poll
 */
export function judge(
  state: LivenessState,
  reports: ReadonlyMap<string, number>,
  nowMs: number,
  settings: LivenessSettings,
): LivenessState {
  const broken = state.polledAtMs !== null && nowMs - state.polledAtMs > settings.breakMs;
  const seen = new Map<string, Pulse>();
  for (const [id, reportedAtMs] of reports) seen.set(id, look(state.pulses.get(id), reportedAtMs, nowMs, broken));

  const quietFor = (pulse: Pulse): number => nowMs - pulse.unchangedSinceMs;
  const silent = [...seen.values()].filter((pulse) => quietFor(pulse) > settings.silentAfterMs);
  // Those whose death has been settled before have no vote in whether something strange is going on now.
  const settled = (id: string): boolean => state.pulses.get(id)?.verdict === Verdict.dead;
  const voters = [...seen].filter(([id, pulse]) => !settled(id) || quietFor(pulse) <= settings.silentAfterMs);
  const quiet = voters.filter(([, pulse]) => quietFor(pulse) > settings.silentAfterMs).length;
  const strange = quiet * 2 > voters.length;
  const frozenSinceMs = strange ? (state.frozenSinceMs ?? nowMs) : null;
  const patience = FREEZE_PATIENCE * settings.silentAfterMs;
  const someReport = silent.length < seen.size;
  const believed = frozenSinceMs === null || (someReport && nowMs - frozenSinceMs > patience);

  const pulses = new Map<string, Pulse>();
  for (const [id, pulse] of seen) pulses.set(id, { ...pulse, verdict: verdictOf(pulse, settled(id)) });
  return { polledAtMs: nowMs, frozenSinceMs, pulses };

  function verdictOf(pulse: Pulse, wasDead: boolean): Verdict {
    const quietMs = quietFor(pulse);
    if (quietMs <= settings.silentAfterMs) return pulse.verdict;
    if (wasDead) return Verdict.dead;
    const over = quietMs > settings.silentAfterMs + settings.moveDelayMs;
    return over && believed ? Verdict.dead : Verdict.silent;
  }
}

/** Before any conclusion: has it moved since we last looked? */
function look(before: Pulse | undefined, reportedAtMs: number, nowMs: number, broken: boolean): Pulse {
  if (before === undefined) return { verdict: Verdict.unproven, reportedAtMs, unchangedSinceMs: nowMs };
  if (reportedAtMs !== before.reportedAtMs) return { verdict: Verdict.alive, reportedAtMs, unchangedSinceMs: nowMs };
  // Whoever was declared dead stays so until he reports: our own blindness brings nobody back.
  if (broken && before.verdict !== Verdict.dead) return { ...before, unchangedSinceMs: nowMs };
  return before;
}
