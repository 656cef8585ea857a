/**
 * A service instance, as Curator's JsonInstanceSerializer writes it: its tools and clients can read our registrations,
 * and ours theirs.
 */
import { RecipeError } from '../errors.js';

export interface ServiceInstance {
  /** Of the service: `orders`. */
  readonly name: string;
  /** Of this instance, unique within the service. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** Anything a caller should know: zone, version, weight. */
  readonly payload?: unknown;
  readonly registeredAtMs: number;
}

const NAME = /^[\w.:-]{1,200}$/;

/** @throws RecipeError `RECIPE_MISUSED` */
export function checkInstance(instance: ServiceInstance): void {
  const { name, id, port, address } = instance;
  const problem = !NAME.test(name)
    ? `a name of letters, digits, "._:-", got "${name}"`
    : !NAME.test(id)
      ? `an id of letters, digits, "._:-", got "${id}"`
      : address === ''
        ? 'an address, got none'
        : !Number.isInteger(port) || port < 1 || port > 65535
          ? `a port of 1 to 65535, got ${port}`
          : null;
  if (problem) throw new RecipeError('RECIPE_MISUSED', `a service instance: expected ${problem}`, false);
}

export function encodeInstance({ name, id, address, port, payload, registeredAtMs }: ServiceInstance): string {
  return JSON.stringify({
    name,
    id,
    address,
    port,
    sslPort: null,
    payload: payload ?? null,
    registrationTimeUTC: registeredAtMs,
    serviceType: 'DYNAMIC',
    uriSpec: null,
    enabled: true,
  });
}

/** @returns `null` for what is no instance: a stranger's node must not take a whole service down. */
export function decodeInstance(data: Buffer): ServiceInstance | null {
  try {
    const read = JSON.parse(data.toString()) as Record<string, unknown>;
    const { name, id, address, port, sslPort, payload, registrationTimeUTC, enabled } = read;
    const usedPort = port ?? sslPort;
    if (enabled === false || typeof name !== 'string' || typeof id !== 'string') return null;
    if (typeof address !== 'string' || typeof usedPort !== 'number') return null;
    const registeredAtMs = typeof registrationTimeUTC === 'number' ? registrationTimeUTC : 0;
    return { name, id, address, port: usedPort, payload: payload ?? undefined, registeredAtMs };
  } catch {
    return null;
  }
}
