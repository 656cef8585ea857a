/** What a class of the application says about itself. Read at start by the explorer; nothing happens here. */
import 'reflect-metadata';

export const ON_LEADER = 'menagerie:on-leader';
export const ONCE_PER_CLUSTER = 'menagerie:once-per-cluster';
export const CONFIG_VALUE = 'menagerie:config-value';
export const REGISTER = 'menagerie:register';

export interface OnLeaderOptions {
  /** Methods with the same election run in the same replica. Default `main`. */
  readonly election?: string;
}

/**
 * The method runs in the replica that leads, from the moment it does; it gets a `Leadership`, with a fencing token and a
 * signal that fires when leadership ends or becomes unsure. It runs again with the next term.
 */
export const OnLeader =
  (options: OnLeaderOptions = {}): MethodDecorator =>
  (target, method) =>
    append(ON_LEADER, target, { method, ...options });

export interface OncePerClusterOptions {
  /** Of the job, the same in all replicas. Default: class and method. */
  readonly name?: string;
  /** Of the pattern, as IANA names it. Default UTC: the same in all replicas. */
  readonly timeZone?: string;
  /** How late a tick may still run, in milliseconds. Default 60,000. */
  readonly graceMs?: number;
}

/** The method runs on the schedule, each tick in one replica; it gets a `Tick`. A pattern as croner reads it. */
export const OncePerCluster =
  (pattern: string, options: OncePerClusterOptions = {}): MethodDecorator =>
  (target, method) =>
    append(ONCE_PER_CLUSTER, target, { method, pattern, ...options });

export interface ConfigValueOptions<T> {
  /** Default: text. What it throws means that the value is no good: the last good one stays. */
  readonly parse?: (data: Buffer) => T;
  /** Without it a node that is not there at start is an error. */
  readonly fallback?: T;
}

/**
 * The property holds the value of a node, from before the application starts, and each new one as it is published.
 * @param path absolute, or a key below `/config/<application>`.
 */
export const ConfigValue =
  <T = string>(path: string, options: ConfigValueOptions<T> = {}): PropertyDecorator =>
  (target, property) =>
    append(CONFIG_VALUE, target, { property, path, ...options });

export interface RegisterOptions {
  /** Default: the replica's name. */
  readonly id?: string;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Default: the port that the application's HTTP server listens on. */
  readonly port?: number;
  readonly payload?: unknown;
}

/** The class stands for a service that others may find; it is registered while the application runs. */
export const Register =
  (service: string, options: RegisterOptions = {}): ClassDecorator =>
  (target) =>
    append(REGISTER, target.prototype as object, { service, ...options });

/** Several of a kind may stand in one class. */
function append(key: string, target: object, entry: object): void {
  Reflect.defineMetadata(key, [...read(key, target), entry], target);
}

function read(key: string, target: object): readonly object[] {
  return (Reflect.getMetadata(key, target) as readonly object[] | undefined) ?? [];
}

export interface Declared {
  readonly onLeader: readonly ({ readonly method: string } & OnLeaderOptions)[];
  readonly oncePerCluster: readonly ({ readonly method: string; readonly pattern: string } & OncePerClusterOptions)[];
  readonly configValues: readonly ({
    readonly property: string;
    readonly path: string;
  } & ConfigValueOptions<unknown>)[];
  readonly registrations: readonly ({ readonly service: string } & RegisterOptions)[];
}

/** What the class of an instance has declared. */
export function declaredBy(instance: object): Declared {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  const of = <T>(key: string) => (prototype === null ? [] : read(key, prototype)) as readonly T[];
  return {
    onLeader: of(ON_LEADER),
    oncePerCluster: of(ONCE_PER_CLUSTER),
    configValues: of(CONFIG_VALUE),
    registrations: of(REGISTER),
  };
}
