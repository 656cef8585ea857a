/** What the module is told. */
import type { ModuleMetadata } from '@nestjs/common';
import type { ConnectOptions } from '@menagerie/zookeeper-client';
import type { MemberOptions } from './ensemble/member-options.js';
import { ZooKeeperModuleError } from './errors.js';

export interface ZooKeeperModuleOptions extends Omit<ConnectOptions, 'connect' | 'signal'> {
  /** `host:port,...`. With `ensemble` it may be left out: then the members' own client ports. */
  readonly connect?: string;
  /** Runs a member of the ensemble inside this process. */
  readonly ensemble?: MemberOptions;
  /** Names this application in the tree (elections, jobs). The same for all its replicas. */
  readonly application: string;
  /** Names this replica. Default: host name and process id. */
  readonly instance?: string;
  /** Below it everything of this module stands. Default `/apps/<application>`. */
  readonly root?: string;
}

export interface ZooKeeperModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  // What is injected is the caller's business; Nest types it no better.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly useFactory: (...args: any[]) => Promise<ZooKeeperModuleOptions> | ZooKeeperModuleOptions;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly inject?: any[];
}

export interface ResolvedOptions extends ZooKeeperModuleOptions {
  readonly connect: string;
  readonly instance: string;
  readonly root: string;
}

const NAME = /^[\w.-]{1,100}$/;

/** @throws ZooKeeperModuleError one line that names the option */
export function resolveOptions(options: ZooKeeperModuleOptions, host: string, pid: number): ResolvedOptions {
  const { application, ensemble, instance = `${host}-${pid}`, root = `/apps/${application}` } = options;
  if (!NAME.test(application)) throw wrong('application', 'a plain word', application);
  if (!/^[\w.:-]{1,200}$/.test(instance)) throw wrong('instance', 'letters, digits, "._:-"', instance);
  if (!/^(\/[^/]+)+$/.test(root)) throw wrong('root', 'an absolute path', root);
  const connect =
    options.connect ?? ensemble?.members.map(({ host: at, clientPort }) => `${at}:${clientPort}`).join(',');
  if (connect === undefined) throw wrong('connect', '"host:port,...", or an ensemble', 'neither');
  return { ...options, connect, instance, root };
}

function wrong(option: string, expected: string, got: string): ZooKeeperModuleError {
  return new ZooKeeperModuleError('ZOOKEEPER_MODULE_OPTION', `${option}: expected ${expected}, got "${got}"`);
}
