/** The identity that `digest` credentials give. Source: DigestAuthenticationProvider.generateDigest. */
import { createHash } from 'node:crypto';
import type { Id } from '@menagerie/zookeeper-protocol';

/** For an ACL entry. @param userPassword `user:password`, as given to `addAuth('digest', ...)` */
export function digestId(userPassword: string): Id {
  const user = userPassword.split(':', 1)[0] ?? '';
  const digest = createHash('sha1').update(userPassword, 'utf8').digest('base64');
  return { scheme: 'digest', id: `${user}:${digest}` };
}
