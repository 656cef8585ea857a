export { plays } from './plays/index.js';
export { Broken, type Play } from './plays/play.js';
export { performReal, type RealOptions } from './real/perform.js';
export { Troupe } from './real/troupe.js';
