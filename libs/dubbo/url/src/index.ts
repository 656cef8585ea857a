/** Dubbo's URLs and where they stand in ZooKeeper. */
export { DubboUrl, serviceKey, type Parameters } from './dubbo-url.js';
export { BusinessError, DubboError, isDubboError, type DubboErrorCode, type DubboErrorOptions } from './errors.js';
export { decode, encode } from './java-encoding.js';
export { ANY, isMatch } from './match.js';
export {
  Category,
  categoryOf,
  DEFAULT_ROOT,
  DubboPaths,
  emptyMarker,
  instancesPath,
  isEmptyMarker,
  nameOf,
  OTHERS,
  RuleKind,
  urlOf,
} from './paths.js';
