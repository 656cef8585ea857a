/** Which methods of an object are a service's. */
import type { Handler } from '@menagerie/dubbo-rpc';

const HOOKS = new Set([
  'constructor',
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

/** Of its class and those above it, bound to the object. */
export function methodsOf(instance: object): Readonly<Record<string, Handler>> {
  const methods: Record<string, Handler> = {};
  for (let at: object | null = Object.getPrototypeOf(instance) as object; at !== null && at !== Object.prototype;) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value !== 'function' || HOOKS.has(name) || name.startsWith('_') || name in methods) continue;
      methods[name] = (value as Handler).bind(instance);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return methods;
}
