/** Dubbo as a transport of `@nestjs/microservices`. */
export { DubboClient, type DubboClientOptions } from './dubbo-client.js';
export { DubboTransport, type DubboTransportOptions } from './dubbo-transport.js';
export type { DubboPattern } from './pattern.js';
