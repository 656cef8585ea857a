/** What an application says once. */
import type { DubboRegistryOptions } from '@menagerie/dubbo-registry';

export interface DubboOptions {
  /** Name of the application, as consumers and rules know it. */
  readonly application: string;
  readonly registry: Omit<DubboRegistryOptions, 'onProblem'>;
  /** Where services are called; default 0, any. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Where `/dubbo` is asked, by HTTP: stands in URLs as Dubbo's own `qos.port`. Default: in no URL. */
  readonly httpPort?: number;
  /** More for the URL of every service of this process: `weight`, `warmup`, `dubbo.tag`. Before what a service says. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export const DUBBO_OPTIONS = Symbol('DUBBO_OPTIONS');
