/** The basic patterns, those that are light: the others are started by their demos. */
import { dirname, join } from 'node:path';
import { common, replicas } from './common.js';
import type { Group, Place } from './model.js';
import { CONFIG_CENTER, ENSEMBLE } from './names.js';

const pattern = (place: Place) => ({
  ...common(place),
  SERVICE_ID: place.replica.id,
  HTTP_PORT: String(place.port('http')),
});

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
];
