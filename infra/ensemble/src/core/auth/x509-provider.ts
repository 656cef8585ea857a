/**
 * x509: who the certificate of a TLS client says it is. The handshake has verified it; an auth packet only brings the
 * identity up again. Source: X509AuthenticationProvider.java.
 */
import type { Id } from '@menagerie/zookeeper-protocol';
import { isDistinguishedName } from './distinguished-name.js';
import { SUPER_SCHEME } from './digest-provider.js';
import type { AuthProvider } from './provider.js';
import type { RemoteParty } from './remote-party.js';

export class X509Provider implements AuthProvider {
  readonly scheme = 'x509';
  readonly provesIdentity = true;

  /** @param superUser `zookeeper.X509AuthenticationProvider.superUser`: a subject that passes every check */
  constructor(private readonly superUser: string | null = null) {}

  authenticate(_credentials: Buffer | null, { certificateName }: RemoteParty): readonly Id[] | null {
    if (certificateName === null) return null;
    const identity: Id = { scheme: this.scheme, id: certificateName };
    return this.isSuper(certificateName) ? [{ scheme: SUPER_SCHEME, id: certificateName }, identity] : [identity];
  }

  isValid(id: string): boolean {
    return isDistinguishedName(id);
  }

  matches(id: string, aclId: string): boolean {
    return id === aclId || this.isSuper(id);
  }

  userName(id: string): string {
    return id;
  }

  private isSuper(name: string): boolean {
    return this.superUser !== null && name === this.superUser;
  }
}
