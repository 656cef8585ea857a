/** Whether a URL in the tree is meant for a consumer. Source: `UrlUtils.java` (`isMatch`). */
import type { DubboUrl } from './dubbo-url.js';

export const ANY = '*';

/** By interface, group, version and `enabled`. A consumer's `*` takes any; a group may be a list. */
export function isMatch(consumer: DubboUrl, provider: DubboUrl): boolean {
  const wanted = consumer.serviceInterface;
  if (wanted !== ANY && wanted !== provider.serviceInterface) return false;
  if (provider.get('enabled') === 'false' && consumer.get('enabled') !== ANY) return false;
  return sameVersion(consumer, provider) && sameGroup(consumer.get('group'), provider.get('group'));
}

function sameVersion(consumer: DubboUrl, provider: DubboUrl): boolean {
  const wanted = consumer.get('version') ?? '';
  return wanted === ANY || wanted === (provider.get('version') ?? '');
}

function sameGroup(wanted = '', got = ''): boolean {
  return wanted === ANY || wanted === got || wanted.split(',').includes(got);
}
