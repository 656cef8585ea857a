/** The two kinds of server a test can run on, and whether they are to be had on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from './child-process.js';

/** `menagerie`: this repository's server, one process each. `apache`: Apache ZooKeeper, as the Debian packages install it. */
export type Engine = 'menagerie' | 'apache';

export interface Availability {
  readonly available: boolean;
  /** Why not, in one line; empty if it is. */
  readonly reason: string;
}

const here: Availability = { available: true, reason: '' };

/** Where Debian and others put jars; `ZOOKEEPER_JARS` names further folders, separated by colons. */
const jarFolders = ['/usr/share/java', '/usr/share/zookeeper/lib', '/opt/zookeeper/lib'];

/** Each by the start of its file name; those that a release does not need may be missing. */
const neededJars = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-simple',
  'commons-cli',
  'metrics-core',
  'snappy-java',
];
const jarsIfThere = ['netty-all', 'netty-handler', 'netty-transport', 'netty-buffer', 'netty-common', 'netty-codec'];

export function engineAvailable(engine: Engine): Availability {
  return engine === 'apache' ? apacheAvailable() : menagerieAvailable();
}

export function apacheAvailable(): Availability {
  const missing = neededJars.filter((name) => findJar(name) === null);
  if (missing.length > 0) {
    return { available: false, reason: `Apache ZooKeeper is not installed (no ${missing.join('.jar, no ')}.jar)` };
  }
  const java = spawnSync('java', ['-version']).error;
  return java === undefined
    ? here
    : { available: false, reason: `there is no java to run Apache ZooKeeper: ${java.message}` };
}

export function menagerieAvailable(): Availability {
  const root = repositoryRoot();
  if (root === null) return { available: false, reason: 'the Menagerie repository is not above this package' };
  if (!existsSync(join(root, 'bin', 'zk-server'))) return { available: false, reason: 'bin/zk-server does not exist' };
  return here;
}

/** Little memory and a quick start: several of these share a machine with the tests. */
export const SMALL_JVM: readonly string[] = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** What only Java's command line can say. Menagerie reads the properties' names from its configuration. */
export interface JavaOptions {
  readonly systemProperties?: Readonly<Record<string, string>>;
  /** Default `SMALL_JVM`. */
  readonly jvmOptions?: readonly string[];
}

/** The command that runs one server in the foreground. Precondition: the engine is available. */
export function serverCommand(
  engine: Engine,
  configPath: string,
  cwd: string,
  { systemProperties = {}, jvmOptions = SMALL_JVM }: JavaOptions = {},
): Command {
  if (engine === 'menagerie') {
    return { file: process.execPath, args: [join(repositoryRoot()!, 'bin', 'zk-server'), configPath], cwd };
  }
  const jars = [...neededJars, ...jarsIfThere].map(findJar).filter((jar) => jar !== null);
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  const properties = Object.entries(systemProperties).map(([name, value]) => `-D${name}=${value}`);
  return { file: 'java', args: [...jvmOptions, ...properties, '-cp', jars.join(':'), main, configPath], cwd };
}

function findJar(name: string): string | null {
  const folders = [...(process.env['ZOOKEEPER_JARS']?.split(':') ?? []), ...jarFolders];
  return folders.map((folder) => join(folder, `${name}.jar`)).find((path) => existsSync(path)) ?? null;
}

function repositoryRoot(): string | null {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (dirname(folder) === folder) return null;
  }
}
