/** The demos of Dubbo. Each brings its own ensemble, providers and consumers. */
import type { DemoOfItsOwn } from '../demo.js';
import { dubboEmptyPush } from './dubbo-empty-push.js';
import { dubboKill } from './dubbo-kill.js';
import { dubboRegistryDown } from './dubbo-registry-down.js';
import { dubboRoute } from './dubbo-route.js';
import { dubboScale } from './dubbo-scale.js';
import { dubboZombie } from './dubbo-zombie.js';

export const dubboDemos: readonly DemoOfItsOwn[] = [
  dubboScale,
  dubboKill,
  dubboZombie,
  dubboRegistryDown,
  dubboEmptyPush,
  dubboRoute,
];
