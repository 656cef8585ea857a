/** Who is left for a call, by the rules. Sources: `ConditionStateRouter.java`, `TagStateRouter.java`. */
import type { DubboUrl } from '@menagerie/dubbo-url';
import type { Provider } from '../provider/provider.js';
import { appliesTo, leaves } from './condition.js';
import type { Route, TagRoute } from './rules.js';

export interface Routing {
  readonly conditions: readonly Route[];
  readonly tag: TagRoute | null;
}

export const NO_ROUTING: Routing = { conditions: [], tag: null };

export interface RoutedCall {
  readonly consumer: DubboUrl;
  readonly method: string;
  /** `dubbo.tag` of the call, or of the consumer. */
  readonly tag?: string | undefined;
  /** Of the call: rather nobody than somebody without the tag. */
  readonly forceTag?: boolean;
}

export function route(providers: readonly Provider[], routing: Routing, call: RoutedCall): readonly Provider[] {
  let left = byTag(providers, routing.tag, call);
  for (const { rule, force } of routing.conditions) {
    if (left.length === 0) break;
    if (!appliesTo(rule, call.consumer, call.method)) continue;
    const kept = left.filter(({ url }) => leaves(rule, url, call.consumer, call.method));
    // A first half alone is a block list, whatever `force` says.
    if (kept.length > 0 || force || rule.then === null) left = kept;
  }
  return left;
}

function byTag(providers: readonly Provider[], rule: TagRoute | null, call: RoutedCall): readonly Provider[] {
  const named = (provider: Provider): string | undefined => {
    for (const [tag, addresses] of rule?.tags ?? []) if (addresses.has(provider.address)) return tag;
    return provider.url.get('dubbo.tag');
  };
  if (call.tag === undefined || call.tag === '') {
    // Whoever asks for nothing gets nobody that is kept for others.
    const plain = rule === null && !providers.some(({ url }) => url.get('dubbo.tag') !== undefined);
    return plain ? providers : providers.filter((provider) => !named(provider));
  }
  const tagged = providers.filter((provider) => named(provider) === call.tag);
  if (tagged.length > 0 || call.forceTag === true || rule?.force === true) return tagged;
  return providers.filter((provider) => !named(provider));
}
