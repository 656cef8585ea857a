/** The kinds of server a test can run on, and whether they are to be had on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from './child-process.js';

/**
 * - `embedded`: Menagerie's server in the test's own process, up in milliseconds.
 * - `menagerie`: the same, each in a process of its own, for tests that pause and kill processes.
 * - `apache`: Apache ZooKeeper, as the Debian packages install it.
 */
export type Engine = 'embedded' | ProcessEngine;

/** Those whose servers have a process of their own. */
export type ProcessEngine = 'menagerie' | 'apache';

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
const jarsIfThere = [
  // TLS.
  ...['netty-all', 'netty-handler', 'netty-transport', 'netty-buffer', 'netty-common', 'netty-codec'],
  // The AdminServer.
  ...['jetty9-server', 'jetty9-servlet', 'jetty9-http', 'jetty9-io', 'jetty9-security', 'jetty9-util', 'servlet-api'],
  ...['jetty9-util-ajax', 'jackson-databind', 'jackson-core', 'jackson-annotations'],
];

export function engineAvailable(engine: Engine): Availability {
  if (engine === 'embedded') return here;
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
  return existsSync(serverProgram()) ? here : { available: false, reason: `${serverProgram()} does not exist` };
}

/** Comes with the ensemble's package. */
function serverProgram(): string {
  const entry = createRequire(import.meta.url).resolve('@menagerie/ensemble/package.json');
  return join(dirname(entry), 'bin', 'zk-server');
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
  engine: ProcessEngine,
  configPath: string,
  cwd: string,
  { systemProperties = {}, jvmOptions = SMALL_JVM }: JavaOptions = {},
): Command {
  if (engine === 'menagerie') {
    return { file: process.execPath, args: [serverProgram(), configPath], cwd };
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
