/**
 * What an application says of itself: one instance a process, and the services of a revision beside it, so that a change of
 * addresses moves a few hundred bytes and not all URLs. Sources: `ZookeeperServiceDiscovery.java` (Curator's JSON),
 * `MetadataInfo.java`, `ServiceInstanceMetadataUtils.java`.
 */
import { createHash } from 'node:crypto';
import { DubboError, DubboUrl } from '@menagerie/dubbo-url';
import { z } from 'zod';

const REVISION = 'dubbo.metadata.revision';
/** Not part of a service: they say which process it is. */
const PER_PROCESS = new Set(['pid', 'timestamp', 'bind.ip', 'bind.port', 'qos.port', 'application']);
const MAX_SERVICES = 10_000;

const text = z.record(z.string(), z.string());
const instanceSchema = z.object({
  name: z.string(),
  id: z.string(),
  address: z.string(),
  port: z.number().int().min(1).max(65_535),
  payload: z.object({ metadata: text }),
  registrationTimeUTC: z.number().optional(),
});
const metadataSchema = z.object({
  app: z.string(),
  revision: z.string(),
  services: z.record(
    z.string(),
    z.object({
      name: z.string(),
      group: z.string().nullish(),
      version: z.string().nullish(),
      protocol: z.string(),
      port: z.number().int().optional(),
      params: text.default({}),
    }),
  ),
});

export interface Instance {
  readonly application: string;
  readonly host: string;
  readonly port: number;
  readonly revision: string;
  /** Of this process: `timestamp`, `pid`, `weight`, ... */
  readonly metadata: Readonly<Record<string, string>>;
}

export type Metadata = z.infer<typeof metadataSchema>;

/** The services of a process without what is its own. Equal ones have equal revisions, wherever they run. */
export function metadataOf(application: string, urls: readonly DubboUrl[]): Metadata {
  const services = Object.fromEntries(
    urls
      .map((url) => {
        const params = Object.entries(url.parameters).filter(([key]) => !PER_PROCESS.has(key));
        const { serviceInterface: name, protocol, port } = url;
        const [group, version] = [url.get('group') ?? null, url.get('version') ?? null];
        const service = { name, group, version, protocol, port, params: Object.fromEntries(params.sort()) };
        return [`${url.serviceKey}:${protocol}`, service] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  // Ports are the process's own: a revision is about what is offered.
  const said = Object.values(services).map(({ port: _port, ...service }) => service);
  const revision = createHash('md5')
    .update(JSON.stringify([application, said]))
    .digest('hex');
  return { app: application, revision, services };
}

export const encodeInstance = ({ application, host, port, revision, metadata }: Instance, nowMs: number): string =>
  JSON.stringify({
    name: application,
    id: `${host}:${port}`,
    address: host,
    port,
    sslPort: null,
    payload: {
      '@class': 'org.apache.dubbo.registry.zookeeper.ZookeeperInstance',
      id: `${host}:${port}`,
      name: application,
      metadata: { ...metadata, [REVISION]: revision, 'dubbo.metadata.storage-type': 'remote' },
    },
    registrationTimeUTC: nowMs,
    serviceType: 'DYNAMIC',
    uriSpec: null,
  });

/** @throws DubboError `DUBBO_BAD_URL` */
export function decodeInstance(json: string): Instance {
  const { name, address, port, payload } = parsed(json, instanceSchema, 'an instance');
  const { [REVISION]: revision = '', ...metadata } = payload.metadata;
  return { application: name, host: address, port, revision, metadata };
}

/** @throws DubboError `DUBBO_BAD_URL` */
export const decodeMetadata = (json: string): Metadata => parsed(json, metadataSchema, 'metadata of an application');

/** The URLs that interface discovery would have found for the same process. */
export function urlsOf({ application, host, port, metadata }: Instance, { services }: Metadata): readonly DubboUrl[] {
  return Object.values(services)
    .slice(0, MAX_SERVICES)
    .map(({ name, group, version, protocol, params }) => {
      const own = { pid: metadata['pid'], timestamp: metadata['timestamp'], weight: metadata['weight'] };
      const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
      return new DubboUrl({ protocol, host, port, path: name, parameters: params }).with({
        ...said,
        application,
        interface: name,
        side: 'provider',
        group: group ?? undefined,
        version: version ?? undefined,
      });
    });
}

function parsed<T>(json: string, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new DubboError('DUBBO_BAD_URL', `expected ${what} as JSON, got "${json.slice(0, 200)}"`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DubboError('DUBBO_BAD_URL', `expected ${what}: ${issue?.path.join('.')}: ${issue?.message}`);
}
