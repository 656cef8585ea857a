/** What the declarations of the systems have in common. */
import type { Place, Replica } from './model.js';

export function replicas(count: number, make: (number: number) => Replica): readonly Replica[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

/** `id=host:port,...` of a group, as `env.addresses` of the services reads it. */
export const addresses = (place: Place, group: string, port: string): string =>
  place
    .peers(group, port)
    .map(([id, host, number]) => `${id}=${host}:${number}`)
    .join(',');

/** What every process of ours that stands on ZooKeeper is told. */
export const common = ({ zkConnect, dataDir, host }: Place) => ({
  ZK_CONNECT: zkConnect,
  DATA_DIR: dataDir,
  HTTP_HOST: host,
});

/** What a service on `runPattern` of `@menagerie/platform-nest` is told. */
export const pattern = (place: Place) => ({
  ...common(place),
  SERVICE_ID: place.replica.id,
  HTTP_PORT: String(place.port('http')),
});
