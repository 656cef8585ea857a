/** Who a process is, as its logs, its metrics and its health answer say. */
export interface ServiceIdentity {
  /** `<system>/<process>`, the name of its Nx project folder under `apps/`. */
  readonly name: string;
  /** Which replica: `rm1`. */
  readonly instance?: string;
}

/** Injects the `ServiceIdentity`. */
export const SERVICE_IDENTITY = Symbol('SERVICE_IDENTITY');

/** Injects the parsed config of the service. */
export const SERVICE_CONFIG = Symbol('SERVICE_CONFIG');

/** Injects the service's pino `Logger`; make a `.child({ ... })` for a part of the service. */
export const LOGGER = Symbol('LOGGER');

/** Injects the prom-client `Registry` behind `/metrics`. */
export const METRICS = Symbol('METRICS');
