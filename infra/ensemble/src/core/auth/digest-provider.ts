/**
 * digest: `user:password` in clear, kept as `user:base64(SHA-1("user:password"))`. Nothing is looked up: any pair is an
 * identity, and only an ACL that holds the same hash gives it a meaning. Source: DigestAuthenticationProvider.java.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Id } from '@menagerie/zookeeper-protocol';
import type { AuthProvider } from './provider.js';

/** Who has an identity of this scheme passes every check. */
export const SUPER_SCHEME = 'super';
export const SUPER_ID: Id = Object.freeze({ scheme: SUPER_SCHEME, id: '' });

export interface DigestProviderOptions {
  /** `zookeeper.DigestAuthenticationProvider.superDigest`: `super:base64(...)`. */
  readonly superDigest?: string | null;
  /** `zookeeper.DigestAuthenticationProvider.digestAlg`, as Node's crypto calls it. */
  readonly algorithm?: string;
}

export class DigestProvider implements AuthProvider {
  readonly scheme = 'digest';
  readonly provesIdentity = true;
  private readonly superDigest: Buffer | null;
  private readonly algorithm: string;

  constructor(options: DigestProviderOptions = {}) {
    this.superDigest = options.superDigest ? Buffer.from(options.superDigest, 'utf8') : null;
    this.algorithm = options.algorithm ?? 'sha1';
  }

  authenticate(credentials: Buffer | null): readonly Id[] | null {
    if (credentials === null) return null;
    const digest = this.digestOf(credentials.toString('utf8'));
    const identity: Id = { scheme: this.scheme, id: digest };
    return this.isSuper(digest) ? [SUPER_ID, identity] : [identity];
  }

  /** Two parts around a colon; Java's split takes no notice of what is empty at the end. */
  isValid(id: string): boolean {
    const parts = id.split(':');
    while (parts.length > 0 && parts.at(-1) === '') parts.pop();
    return parts.length === 2;
  }

  matches(id: string, aclId: string): boolean {
    return id === aclId;
  }

  userName(id: string): string {
    return id.split(':', 1)[0]!;
  }

  /** @param userAndPassword without a colon all of it is the user */
  private digestOf(userAndPassword: string): string {
    const hash = createHash(this.algorithm).update(userAndPassword, 'utf8').digest('base64');
    return `${userAndPassword.split(':', 1)[0]!}:${hash}`;
  }

  private isSuper(digest: string): boolean {
    const bytes = Buffer.from(digest, 'utf8');
    return (
      this.superDigest !== null && bytes.length === this.superDigest.length && timingSafeEqual(bytes, this.superDigest)
    );
  }
}
