/**
 * What Apache can be told to do and we can not. To start without it would be worse than not to start: somebody who asks
 * for TLS must not get plain text.
 */
import type { Settings } from './settings.js';

export function refuseUnsupported(settings: Settings): void {
  for (const key of ['multiAddress.enabled']) {
    if (settings.boolean(key) === true) throw settings.problem(key, 'expected false, this server does not have it');
  }
  for (const key of ['quorum.auth.enableSasl', 'quorum.auth.serverRequireSasl', 'quorum.auth.learnerRequireSasl']) {
    if (settings.boolean(key) === true) throw settings.problem(key, 'expected false, this server does not have it');
  }
  for (const key of ['oraclePath']) {
    if (settings.has(key)) throw settings.problem(key, 'expected it not to be set, this server does not have it');
  }
  const auditor = settings.text('audit.impl.class');
  if (auditor !== null && auditor !== 'org.apache.zookeeper.audit.Slf4jAuditLogger') {
    throw settings.problem('audit.impl.class', 'expected it not to be set, it names a Java class');
  }
  const algorithm = settings.integer('electionAlg');
  if (algorithm !== null && algorithm !== 3) throw settings.problem('electionAlg', `expected 3, found ${algorithm}`);
}
