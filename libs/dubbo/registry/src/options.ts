/** What a process says of its registry. */
export interface DubboRegistryOptions {
  /** `host:port,...` */
  readonly connect: string;
  /** Default 40,000: what Dubbo's wish for a minute becomes at a server with its usual ticks. */
  readonly sessionTimeoutMs?: number;
  /** Name of the root; default `dubbo`. */
  readonly group?: string;
  /** Where the lists are kept for a start without registry; default nowhere. */
  readonly cacheFile?: string;
  /** Between tries of what failed; default 5,000. */
  readonly retryMs?: number;
  /** Changes that come within so many milliseconds are one notification; default 50. */
  readonly coalesceMs?: number;
  /** How providers are listed: each interface by itself, the process under its application, or both. Default interface. */
  readonly registerMode?: 'interface' | 'instance' | 'all';
  /** How providers are found. Default interface. */
  readonly discovery?: 'interface' | 'application';
  /** Told of what goes wrong in the background. */
  readonly onProblem?: (error: unknown) => void;
}
