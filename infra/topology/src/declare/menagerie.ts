/**
 * The running system, stated once: who runs, how many, on which ports, who waits for whom.
 * The launcher, the status table, chaos, compose files and the console read this and nothing else.
 */
import { addresses, common, replicas } from './common.js';
import { dubboGroups } from './dubbo.js';
import { logsGroups } from './logs.js';
import type { Topology } from './model.js';
import { ENSEMBLE, KAFKA_BROKER, NODE_MANAGER, RESOURCE_MANAGER } from './names.js';
import { platformGroups } from './platform.js';
import { renderServerProperties } from './server-properties.js';
import { renderZooCfg } from './zoo-cfg.js';

const YARN_CLUSTER_ID = 'menagerie';

export const menagerie: Topology = {
  ensemble: ENSEMBLE,
  groups: [
    {
      name: ENSEMBLE,
      title: 'ZooKeeper ensemble',
      project: '@menagerie/ensemble',
      program: 'bin/zk-server',
      replicas: replicas(3, (n) => ({
        id: `zk${n}`,
        ports: { client: 2180 + n, peer: 2887 + n, election: 3887 + n, admin: 8080 + n },
      })),
      waitsFor: [],
      // A quorum: whoever waits can work while one server is away.
      enough: 2,
      probe: { kind: 'zookeeper', port: 'client' },
      args: ({ dataDir }) => [`${dataDir}/zoo.cfg`],
      files: (place) => ({ 'zoo.cfg': renderZooCfg(place), 'data/myid': `${place.number}\n` }),
    },
    {
      name: RESOURCE_MANAGER,
      title: 'YARN ResourceManager',
      project: '@menagerie/yarn-resource-manager',
      program: 'apps/yarn/resource-manager/dist/main.js',
      replicas: replicas(2, (n) => ({ id: `rm${n}`, ports: { http: 8087 + n } })),
      waitsFor: [ENSEMBLE],
      enough: 1,
      probe: { kind: 'http', port: 'http', path: '/health' },
      environment: (place) => ({
        ...common(place),
        YARN_CLUSTER_ID,
        RM_ID: place.replica.id,
        RM_HTTP_PORT: String(place.port('http')),
        RM_ADDRESSES: addresses(place, RESOURCE_MANAGER, 'http'),
      }),
    },
    {
      name: NODE_MANAGER,
      title: 'YARN NodeManager',
      project: '@menagerie/yarn-node-manager',
      program: 'apps/yarn/node-manager/dist/main.js',
      replicas: replicas(3, (n) => ({ id: `nm${n}`, ports: { http: 8041 + n } })),
      waitsFor: [RESOURCE_MANAGER],
      enough: 1,
      probe: { kind: 'http', port: 'http', path: '/health' },
      environment: (place) => ({
        ...common(place),
        YARN_CLUSTER_ID,
        NM_ID: place.replica.id,
        NM_HTTP_PORT: String(place.port('http')),
        NM_MEMORY_MB: '2048',
        NM_VCORES: '4',
        RM_ADDRESSES: addresses(place, RESOURCE_MANAGER, 'http'),
      }),
    },
    {
      name: KAFKA_BROKER,
      title: 'Kafka broker',
      project: '@menagerie/kafka-broker',
      program: 'bin/kafka-broker',
      replicas: replicas(3, (n) => ({ id: `kafka${n}`, ports: { client: 9091 + n, http: 9191 + n } })),
      waitsFor: [ENSEMBLE],
      // Two of three: what is replicated three times can be written while one is away.
      enough: 2,
      probe: { kind: 'http', port: 'http', path: '/health' },
      args: ({ dataDir }) => [`${dataDir}/server.properties`],
      files: (place) => ({ 'server.properties': renderServerProperties(place) }),
    },
    ...logsGroups,
    ...platformGroups,
    ...dubboGroups,
  ],
};
