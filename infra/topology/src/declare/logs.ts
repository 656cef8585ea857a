/** Log collection: two agents, three collectors, two allocators. What they collect first is what everybody here prints. */
import { dirname, join } from 'node:path';
import { layout } from '../registry/layout.js';
import { common, replicas } from './common.js';
import type { Group, Place } from './model.js';
import { ENSEMBLE, LOGS_AGENT, LOGS_ALLOCATOR, LOGS_COLLECTOR } from './names.js';

/** Everything that is written lies below it; a process's own folder lies directly in it. */
const dataRoot = ({ dataDir }: Place): string => dirname(dataDir);

/** Where collected logs end up: one folder for all collectors, as a distributed file system would be. */
export const logsSinkDir = (root: string): string => join(root, 'logs-sink');

/** Files that appear here are collected by the second agent. Demos and the generator write into it. */
export const logsIncomingDir = (root: string): string => join(root, 'agent2', 'incoming');

/** Faster than a data centre would have it, so that somebody who watches sees what happens. */
const REPORT_MS = '1000';

export const logsGroups: readonly Group[] = [
  {
    name: LOGS_AGENT,
    title: 'Log agent',
    project: '@menagerie/logs-agent',
    program: 'apps/logs/agent/dist/main.js',
    replicas: replicas(2, (n) => ({ id: `agent${n}`, ports: { http: 8100 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: (place) => ({
      ...common(place),
      AGENT_ID: place.replica.id,
      AGENT_HTTP_PORT: String(place.port('http')),
      AGENT_FOLDERS: place.number === 1 ? layout.logsDir(dataRoot(place)) : logsIncomingDir(dataRoot(place)),
      AGENT_RATE_CLASS: 'low',
    }),
  },
  {
    name: LOGS_COLLECTOR,
    title: 'Log collector',
    project: '@menagerie/logs-collector',
    program: 'apps/logs/collector/dist/main.js',
    replicas: replicas(3, (n) => ({ id: `collector${n}`, ports: { http: 8110 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: (place) => ({
      ...common(place),
      COLLECTOR_ID: place.replica.id,
      COLLECTOR_HTTP_PORT: String(place.port('http')),
      COLLECTOR_SINK_DIR: logsSinkDir(dataRoot(place)),
      COLLECTOR_REPORT_MS: REPORT_MS,
    }),
  },
  {
    name: LOGS_ALLOCATOR,
    title: 'Log allocator',
    project: '@menagerie/logs-allocator',
    program: 'apps/logs/allocator/dist/main.js',
    replicas: replicas(2, (n) => ({ id: `allocator${n}`, ports: { http: 8120 + n } })),
    waitsFor: [ENSEMBLE],
    enough: 1,
    probe: { kind: 'http', port: 'http', path: '/health' },
    environment: (place) => ({
      ...common(place),
      ALLOCATOR_ID: place.replica.id,
      ALLOCATOR_HTTP_PORT: String(place.port('http')),
    }),
  },
];
