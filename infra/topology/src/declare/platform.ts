/** The basic patterns, those that are light: the others are started by their demos. */
import { dirname, join } from 'node:path';
import { pattern, replicas } from './common.js';
import type { Group } from './model.js';
import { CONFIG_CENTER, DDNS, ENSEMBLE, NAMING } from './names.js';

export const platformGroups: readonly Group[] = [
  {
    name: CONFIG_CENTER,
    title: 'Config center',
    project: '@menagerie/config-center',
    program: 'apps/platform/config-center/dist/main.js',
    replicas: replicas(1, (n) => ({ id: `config${n}`, ports: { http: 8130 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    // All config centers of a system have one identity at the ensemble.
    environment: (place) => ({
      ...pattern(place),
      CONFIG_SECRET_FILE: join(dirname(place.dataDir), 'config-center', 'credentials'),
    }),
  },
  {
    name: NAMING,
    title: 'Naming',
    project: '@menagerie/naming',
    program: 'apps/platform/naming/dist/main.js',
    replicas: replicas(1, (n) => ({ id: `naming${n}`, ports: { http: 8140 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: pattern,
  },
  {
    name: DDNS,
    title: 'DDNS',
    project: '@menagerie/ddns',
    program: 'apps/platform/ddns/dist/main.js',
    // DNS's own port is not for everybody, and 5353 is mDNS's.
    replicas: replicas(1, (n) => ({ id: `ddns${n}`, ports: { http: 8150 + n, dns: 8052 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: (place) => ({ ...pattern(place), DDNS_PORT: String(place.port('dns')) }),
  },
];
