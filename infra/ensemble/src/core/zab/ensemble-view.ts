/** What a role shows its request server of the members. */
import type { Ensemble } from '../contract/index.js';
import type { Membership } from '../quorum/membership.js';

/** @param isQuorumSynced default: nobody follows us */
export const ensembleOf = (
  membership: Membership,
  isQuorumSynced: Ensemble['isQuorumSynced'] = () => false,
): Ensemble => ({
  get config() {
    return membership.current;
  },
  get text() {
    return membership.text;
  },
  get lastSeen() {
    return membership.lastSeen;
  },
  isDynamic: membership.isDynamic,
  isQuorumSynced,
});
