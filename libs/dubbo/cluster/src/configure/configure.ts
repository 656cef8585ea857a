/**
 * Overrides: an operator's word about a provider or a consumer.
 * Sources: `AbstractConfigurator.java`, `Configurator.java` (`toConfigurators`, `compareTo`), `ClusterUtils.java` (`mergeUrl`).
 */
import type { DubboUrl } from '@menagerie/dubbo-url';

/** Say whom an override is for, and are no part of what it sets. */
const CONDITIONS = new Set([
  'category',
  'check',
  'dynamic',
  'enabled',
  'group',
  'version',
  'application',
  'side',
  'configVersion',
  'compatible_config',
  'interface',
  'priority',
]);
/** Not the consumer's to say: they describe the provider that is there. */
const PROVIDERS_OWN = ['group', 'version', 'release', 'dubbo', 'methods', 'timestamp', 'dubbo.tag'] as const;

/** In the order in which they apply: whoever names a host comes after those for all, then by priority. */
export function inOrder(urls: readonly DubboUrl[]): readonly DubboUrl[] {
  // One without parameters takes back all others.
  if (urls.some((url) => url.protocol === 'override' && settings(url).length === 0)) return [];
  const rank = (url: DubboUrl): number => (url.host === '0.0.0.0' ? 0 : 1);
  return [...urls].sort((a, b) => rank(a) - rank(b) || a.number('priority', 0) - b.number('priority', 0));
}

/**
 * A provider's URL as this consumer shall see it. The provider itself asks with `side` provider.
 * @param self whose override with a host and no port counts: the consumer's own, or the provider's
 */
export function configure(
  url: DubboUrl,
  overrides: readonly DubboUrl[],
  self: { host: string; side: string },
): DubboUrl {
  let configured = url;
  for (const override of overrides) {
    if (!concerns(override, url, self)) continue;
    const changes = settings(override);
    if (override.protocol === 'absent') {
      configured = configured.with(Object.fromEntries(changes.filter(([key]) => configured.get(key) === undefined)));
    } else configured = configured.with(Object.fromEntries(changes));
  }
  return configured;
}

/** Taken out of service by whoever may. */
export const isDisabled = (url: DubboUrl): boolean => url.get('disabled') === 'true' || url.get('enabled') === 'false';

const settings = (override: DubboUrl): [string, string][] =>
  Object.entries(override.parameters).filter(([key]) => !CONDITIONS.has(key) && !key.startsWith('~'));

function concerns(override: DubboUrl, url: DubboUrl, self: { host: string; side: string }): boolean {
  if (override.get('enabled') === 'false') return false;
  if (override.port > 0) {
    // With a port it means that one provider.
    if (override.port !== url.port || (override.host !== '0.0.0.0' && override.host !== url.host)) return false;
  } else if (override.host !== '0.0.0.0' && override.host !== self.host) return false;
  const side = override.get('side');
  if (side !== undefined && side !== self.side) return false;
  for (const [key, value] of Object.entries(override.parameters)) {
    if (key !== 'application' && !key.startsWith('~')) continue;
    if (value !== '*' && value !== url.get(key.replace(/^~/, ''))) return false;
  }
  return true;
}

/** override > consumer > provider, but what describes the provider stays its own. */
export function mergeUrl(provider: DubboUrl, consumer: DubboUrl): DubboUrl {
  const local: Record<string, string | undefined> = { ...consumer.parameters };
  for (const key of [...PROVIDERS_OWN, 'category', 'pid', 'interface']) delete local[key];
  const remoteApplication = provider.get('application');
  return provider.with({
    ...local,
    ...(remoteApplication === undefined ? {} : { 'remote.application': remoteApplication }),
  });
}
