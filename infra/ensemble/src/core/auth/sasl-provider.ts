/** sasl: names that a SASL mechanism has proved. Source: SASLAuthenticationProvider.java. */
import type { Id } from '@menagerie/zookeeper-protocol';
import type { AuthProvider } from './provider.js';

export class SaslProvider implements AuthProvider {
  readonly scheme = 'sasl';
  readonly provesIdentity = true;

  /** @param anyUserMayActAs `zookeeper.letAnySaslUserDoX`: a name in ACLs that stands for everybody with a SASL name */
  constructor(private readonly anyUserMayActAs: string | null = null) {}

  /** An auth packet proves nothing here: the mechanism has its own request. */
  authenticate(): readonly Id[] | null {
    return null;
  }

  /** What is no `user`, `user@realm` or `service/host@realm` is no Kerberos name either. */
  isValid(id: string): boolean {
    return !id.includes('@') || /^[^/@]*(?:\/[^/@]*)?@[^/@]*$/.test(id);
  }

  matches(id: string, aclId: string): boolean {
    return id === aclId || id === 'super' || (this.anyUserMayActAs !== null && aclId === this.anyUserMayActAs);
  }

  userName(id: string): string {
    return id;
  }
}
