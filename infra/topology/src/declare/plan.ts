/** From declaration and settings to what is to be run: every path absolute, every port final, every file rendered. */
import { join } from 'node:path';

import { UnknownNameError } from '../errors.js';
import type { Group, Place, Probe, Replica, Topology } from './model.js';
import type { Settings } from './settings.js';

export interface ProcessPlan {
  readonly id: string;
  readonly group: string;
  /** Script and arguments for Node. The script is relative to the root of the repository. */
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path to content. */
  readonly files: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly probe: Probe;
  /**
   * The group id that the process runs with when the launcher is root. It marks all its sockets, which is how
   * `chaos partition` finds the packets to drop.
   */
  readonly gid: number;
}

export interface GroupPlan {
  readonly name: string;
  readonly title: string;
  readonly project: string;
  readonly waitsFor: readonly string[];
  readonly enough: number;
  /** True when somebody else runs it and we only use it. */
  readonly external: boolean;
  readonly processes: readonly ProcessPlan[];
}

export interface Plan {
  readonly settings: Settings;
  /** `host:port,...` of the ensemble in use. */
  readonly zkConnect: string;
  readonly groups: readonly GroupPlan[];
}

const HOST = '127.0.0.1';
/** Outside of what Debian gives to people, daemons and containers. */
const FIRST_GID = 47_001;

export function plan(topology: Topology, settings: Settings): Plan {
  const peers: Place['peers'] = (groupName, port) =>
    groupOf(topology, groupName).replicas.map((replica) => [replica.id, HOST, portOf(replica, port, settings)]);
  const own = topology.ensemble === undefined ? [] : peers(topology.ensemble, 'client');
  const zkConnect = settings.zkConnect ?? own.map(([, host, port]) => `${host}:${port}`).join(',');
  let gid = FIRST_GID;
  const groups = topology.groups.map((group): GroupPlan => {
    const external = group.name === topology.ensemble && settings.zkConnect !== undefined;
    const processes = group.replicas.map((replica, index): ProcessPlan => {
      const dataDir = join(settings.dataRoot, replica.id);
      const place: Place = {
        replica,
        number: index + 1,
        dataDir,
        host: HOST,
        port: (name) => portOf(replica, name, settings),
        peers,
        zkConnect,
      };
      const files = Object.entries(group.files?.(place) ?? {});
      return {
        id: replica.id,
        group: group.name,
        program: group.program,
        args: group.args?.(place) ?? [],
        environment: group.environment?.(place) ?? {},
        files: Object.fromEntries(files.map(([path, content]) => [join(dataDir, path), content])),
        dataDir,
        host: HOST,
        ports: Object.fromEntries(Object.keys(replica.ports).map((name) => [name, place.port(name)])),
        probe: group.probe,
        gid: gid++,
      };
    });
    const { name, title, project, waitsFor, enough } = group;
    return { name, title, project, waitsFor, enough, external, processes: external ? [] : processes };
  });
  return { settings, zkConnect, groups };
}

function portOf(replica: Replica, name: string, settings: Settings): number {
  const port = replica.ports[name];
  if (port === undefined) throw new UnknownNameError(`port of ${replica.id}`, name, Object.keys(replica.ports));
  return port + settings.portOffset;
}

function groupOf(topology: Topology, name: string): Group {
  const group = topology.groups.find((candidate) => candidate.name === name);
  if (group === undefined)
    throw new UnknownNameError(
      'group',
      name,
      topology.groups.map((known) => known.name),
    );
  return group;
}

/** @throws UnknownNameError */
export function findGroup(running: Plan, name: string): GroupPlan {
  const group = running.groups.find((candidate) => candidate.name === name);
  if (group === undefined)
    throw new UnknownNameError(
      'group',
      name,
      running.groups.map((known) => known.name),
    );
  return group;
}

export function allProcesses(running: Plan): readonly ProcessPlan[] {
  return running.groups.flatMap((group) => group.processes);
}

/** @throws UnknownNameError */
export function findProcess(running: Plan, id: string): ProcessPlan {
  const found = allProcesses(running).find((process) => process.id === id);
  if (found === undefined)
    throw new UnknownNameError(
      'process',
      id,
      allProcesses(running).map((known) => known.id),
    );
  return found;
}
