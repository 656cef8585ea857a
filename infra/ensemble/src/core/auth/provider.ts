/** One authentication scheme. Source: AuthenticationProvider.java. */
import type { Id } from '@menagerie/zookeeper-protocol';
import type { RemoteParty } from './remote-party.js';

export interface AuthProvider {
  readonly scheme: string;
  /** Whether an identity of this scheme stands in for `auth` in an ACL: somebody proved to be somebody. */
  readonly provesIdentity: boolean;
  /**
   * What a client's auth packet makes of it.
   *
   * @returns the identities to add; null if the credentials are refused, which ends the connection
   */
  authenticate(credentials: Buffer | null, from: RemoteParty): readonly Id[] | null;
  /** Whether an ACL may name this id. */
  isValid(id: string): boolean;
  matches(id: string, aclId: string): boolean;
  /** The id without its secret, for `whoAmI` and logs. */
  userName(id: string): string;
}

export class AuthProviders {
  private readonly byScheme = new Map<string, AuthProvider>();

  constructor(providers: readonly AuthProvider[]) {
    for (const provider of providers) this.byScheme.set(provider.scheme, provider);
  }

  get(scheme: string): AuthProvider | undefined {
    return this.byScheme.get(scheme);
  }

  get schemes(): readonly string[] {
    return [...this.byScheme.keys()];
  }
}
