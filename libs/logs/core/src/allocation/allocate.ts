/** The policies under one name. */
import type { Policy } from '../layout/payloads.js';
import { allocateLocally } from './local.js';
import type { Allocation, AllocationRequest } from './model.js';
import { allocateByModulo } from './modulo.js';
import { allocateByRendezvous } from './rendezvous.js';

const policies: Readonly<Record<Policy, (request: AllocationRequest) => Allocation>> = {
  modulo: allocateByModulo,
  rendezvous: allocateByRendezvous,
  local: allocateLocally,
};

/** @returns a collector for every source; nothing when there is no collector */
export function allocate(policy: Policy, request: AllocationRequest): Allocation {
  return request.collectors.length === 0 ? new Map() : policies[policy](request);
}
