/** The kind of server these specs run on: our own, or Apache's with `YARN_TEST_ENGINE=apache`. */
import { type Availability, type Engine, engineAvailable } from '@menagerie/zookeeper-testing';

export const engine: Engine = process.env['YARN_TEST_ENGINE'] === 'apache' ? 'apache' : 'menagerie';
export const availability: Availability = engineAvailable(engine);
