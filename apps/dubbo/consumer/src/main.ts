/** One consumer: HTTP in front, Dubbo behind. It starts and serves without an ensemble, from the lists it saw last. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { consumerConfig } from './config.js';

await runPattern({
  name: 'dubbo/consumer',
  about: 'an HTTP front of the product catalogue, which it finds and calls through Dubbo',
  config: consumerConfig,
  variables: {
    DATA_DIR: 'where the lists are kept for a start without registry',
    CONSUMER_CLUSTER: 'what happens when a call fails: failover (default), failfast, ...',
    CONSUMER_LOADBALANCE: 'random (default), roundrobin, leastactive, ...',
    CONSUMER_TIMEOUT_MS: 'of each try; default 1000',
    CONSUMER_RETRIES: 'tries beyond the first; default 2',
    CONSUMER_DISCOVERY: 'providers by interface (default) or by application',
    CONSUMER_EMPTY_PROTECTION: 'whether an empty list of providers is not believed; default true',
  },
  module: AppModule,
});
