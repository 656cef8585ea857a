/**
 * Whether a heartbeat is new, a repetition, or from another world.
 *
 * Both sides count answers. A sender whose last answer got lost repeats itself and gets that answer again; whoever is
 * further off has to start over.
 *
 * Sources: `ResourceTrackerService.nodeHeartbeat`, `ApplicationMasterService.allocate`.
 */
export const HeartbeatAge = { Fresh: 'fresh', Duplicate: 'duplicate', TooOld: 'too-old' } as const;
export type HeartbeatAge = (typeof HeartbeatAge)[keyof typeof HeartbeatAge];

/**
 * @param received id of the last answer that the sender has seen
 * @param given id of the last answer that was given
 */
export function heartbeatAge(received: number, given: number): HeartbeatAge {
  if (received === given) return HeartbeatAge.Fresh;
  // An id from the future was given by another life of the ResourceManager; the real one takes it for fresh.
  return received + 1 === given ? HeartbeatAge.Duplicate : HeartbeatAge.TooOld;
}
