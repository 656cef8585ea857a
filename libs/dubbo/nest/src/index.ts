/** Dubbo in a Nest application. */
export { DubboReference, DubboService, type DubboReferenceOptions, type DubboServiceOptions } from './decorators.js';
export { DubboLifecycle } from './dubbo.lifecycle.js';
export { DubboModule } from './dubbo.module.js';
export type { DubboOptions } from './options.js';
export type { Traffic } from './traffic.controller.js';
