/** The demos of the basic patterns. Each brings its own ensemble, services and databases. */
import type { DemoOfItsOwn } from '../demo.js';
import { configSwitch } from './config-switch.js';

export const patternDemos: readonly DemoOfItsOwn[] = [configSwitch];
