import { contractOn } from '../../contract/__fixtures__/on-real-servers.js';
import { protocolDriver } from './index.js';

contractOn(protocolDriver, 'menagerie');
