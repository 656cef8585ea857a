/** Overrides of the config center: YAML, read into the same URLs that stand in the tree. Source: `ConfigParser.java`. */
import { DubboError, DubboUrl } from '@menagerie/dubbo-url';
import { z } from 'zod';
import { readYaml } from './read-yaml.js';

const MAX_CONFIGS = 200;
const names = z.array(z.string().min(1).max(300)).max(MAX_CONFIGS);
const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const schema = z.object({
  configVersion: z.string().optional(),
  scope: z.enum(['service', 'application']).default('service'),
  key: z.string().min(1),
  enabled: z.boolean().default(true),
  configs: z
    .array(
      z.object({
        side: z.enum(['consumer', 'provider']).optional(),
        addresses: names.default(['0.0.0.0']),
        applications: names.optional(),
        services: names.optional(),
        enabled: z.boolean().default(true),
        parameters: z.record(z.string(), value),
      }),
    )
    .max(MAX_CONFIGS),
});

/** One URL for each address, service and application that a rule names. @throws DubboError `DUBBO_BAD_RULE` */
export function configuratorRules(yaml: string): readonly DubboUrl[] {
  const { scope, key, enabled, configs } = readYaml(yaml, schema);
  if (!enabled) return [];
  const urls = configs
    .filter((config) => config.enabled)
    .flatMap(({ side, addresses, applications, services = ['*'], parameters }) => {
      // `interface:version:group` of a service; `group/interface:version` is the older way.
      const concerned = scope === 'service' ? [key.replace(/^.*\//, '').split(':', 1)[0] ?? key] : services;
      const callers = scope === 'service' ? (applications ?? ['*']) : [key];
      return addresses.flatMap((address) =>
        concerned.flatMap((service) =>
          callers.map((application) => {
            const said = { ...parameters, ...(side === undefined ? {} : { side }) };
            const where = address === '*' ? '0.0.0.0' : address;
            return parsed(where, service).with({ ...said, category: 'configurators', application });
          }),
        ),
      );
    });
  if (urls.length > MAX_CONFIGS) {
    throw new DubboError('DUBBO_BAD_RULE', `expected at most ${MAX_CONFIGS} overrides, got ${urls.length}`);
  }
  return urls;
}

function parsed(address: string, service: string): DubboUrl {
  try {
    return DubboUrl.parse(`override://${address.replace(/:0$/, '')}/${service}`);
  } catch (cause) {
    throw new DubboError('DUBBO_BAD_RULE', `addresses: expected host, host:port or 0.0.0.0, got "${address}"`, {
      cause,
    });
  }
}
