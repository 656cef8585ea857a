export { digestsInCommon, type DigestsInCommon } from './digests.js';
export { clientOf, SESSION_TIMEOUT_MS, treeOf } from './tree.js';
export { WritingLoad, type LoadVerdict } from './writing-load.js';
