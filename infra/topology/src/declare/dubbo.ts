/** Dubbo: two providers of a catalogue, a front that calls them, and the admin. */
import { pattern, replicas } from './common.js';
import type { Group } from './model.js';
import { DUBBO_ADMIN, DUBBO_CONSUMER, DUBBO_PROVIDER, ENSEMBLE } from './names.js';

/** Ten minutes is for services with caches to fill; somebody who watches wants to see it happen. */
const WARMUP_MS = '30000';

export const dubboGroups: readonly Group[] = [
  {
    name: DUBBO_PROVIDER,
    title: 'Dubbo provider',
    project: '@menagerie/dubbo-provider',
    program: 'apps/dubbo/provider/dist/main.js',
    replicas: replicas(2, (n) => ({ id: `provider${n}`, ports: { http: 8210 + n, rpc: 8200 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: (place) => ({
      ...pattern(place),
      DUBBO_PORT: String(place.port('rpc')),
      PROVIDER_WARMUP_MS: WARMUP_MS,
    }),
  },
  {
    name: DUBBO_CONSUMER,
    title: 'Dubbo consumer',
    project: '@menagerie/dubbo-consumer',
    program: 'apps/dubbo/consumer/dist/main.js',
    replicas: replicas(1, (n) => ({ id: `front${n}`, ports: { http: 8220 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: pattern,
  },
  {
    name: DUBBO_ADMIN,
    title: 'Dubbo admin',
    project: '@menagerie/dubbo-admin',
    program: 'apps/dubbo/admin/dist/main.js',
    replicas: replicas(1, (n) => ({ id: `dubbo-admin${n}`, ports: { http: 8230 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: pattern,
  },
];
