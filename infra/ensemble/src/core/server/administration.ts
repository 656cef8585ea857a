/**
 * What an operator may do beside asking: who they are, by the schemes that clients use, and connections sent elsewhere.
 * Source: Commands.java of 3.9 (handleAuthentication, handleAuthorization), ServerCnxnFactory.shedConnections.
 */
import { Perms } from '@menagerie/zookeeper-protocol';
import type { RemoteParty } from '../auth/index.js';
import type { ServerCore } from './server-core.js';

export type Verdict = 'allowed' | 'notAuthenticated' | 'notAuthorized';

export class Administration {
  constructor(private readonly core: ServerCore) {}

  /** Each of the root's permissions has to be had: what is to be done reaches every node. */
  judge(scheme: string, credentials: Buffer | null, from: RemoteParty): Verdict {
    const identities = this.core.providers.get(scheme)?.authenticate(credentials, from) ?? null;
    if (identities === null || identities.length === 0) {
      this.core.traffic.authFailures++;
      return 'notAuthenticated';
    }
    const { acl } = this.core.database.tree.root;
    const isAllowed = Object.values(SINGLE_PERMS).every((perm) => this.core.allows(acl, perm, identities));
    return isAllowed ? 'allowed' : 'notAuthorized';
  }

  /**
   * Closes about this share of the connections, for their clients to go to other servers; sessions stay.
   *
   * @param share 0 to 1; with 1 it is all of them
   * @returns how many
   */
  shed(share: number): number {
    const chosen = [...this.core.connections].filter(() => share === 1 || this.core.env.random() < share);
    for (const connection of chosen) this.core.close(connection, 'shed by an operator');
    return chosen.length;
  }
}

const { READ, WRITE, CREATE, DELETE, ADMIN } = Perms;
const SINGLE_PERMS = { READ, WRITE, CREATE, DELETE, ADMIN };
