/**
 * The contract: what the client promises, whatever driver carries it and whatever server answers. Runs inside Vitest.
 *
 * It is exported so that each driver and each engine is held to the same promises.
 */
import { callsContract } from './calls.js';
import { connectingContract } from './connecting.js';
import { extendedNodesContract } from './extended-nodes.js';
import { inquiriesContract } from './inquiries.js';
import { multiAndAclContract } from './multi-and-acl.js';
import { nodesContract } from './nodes.js';
import { persistentWatchesContract } from './persistent-watches.js';
import { protectedContract } from './protected.js';
import { sessionsContract } from './sessions.js';
import type { ContractSetup } from './setup.js';
import { watchesContract } from './watches.js';

export type { ContractEnsemble, ContractLink, ContractServer, ContractSetup } from './setup.js';

/** Declares all tests of the contract for one driver on one engine. */
export function clientContract(setup: ContractSetup): void {
  nodesContract(setup);
  multiAndAclContract(setup);
  extendedNodesContract(setup);
  watchesContract(setup);
  persistentWatchesContract(setup);
  protectedContract(setup);
  inquiriesContract(setup);
  callsContract(setup);
  sessionsContract(setup);
  connectingContract(setup);
}
