/** The demos there are, in the order of the list. */
import type { Demo } from './demo.js';

export const demos: readonly Demo[] = [];
