export { FORMATS, type Format, formatOf, MAX_DOCUMENT_BYTES, parseDocument } from './config/document.js';
export { configPaths } from './config/paths.js';
export { compileSchema, validateDocument } from './config/schema.js';
export {
  type Change,
  changesBetween,
  type Difference,
  diffTrees,
  isKey,
  MASK,
  masked,
  type Revision,
  type Tree,
  treeAt,
} from './config/tree.js';
export { addressOf, domainOf, hostIn, listOf, MAX_ADDRESSES, portIn, textOf } from './ddns/address.js';
export { answerTo, type Resolve, TTL_SECONDS } from './ddns/dns-answer.js';
export { DEFAULT_HEALTH, type HealthOptions, HealthTable, type Verdicts } from './ddns/health.js';
export { ddnsPaths } from './ddns/paths.js';
export {
  chooseTarget,
  NO_OVERRIDES,
  type Overrides,
  overridesSchema,
  readOverrides,
  type Target,
  targetsOf,
} from './ddns/table.js';
export { isPatternError, messageOf, PatternError, PatternErrorCode } from './errors.js';
export {
  type Command,
  commandSchema,
  COMMANDS,
  DESIRED,
  hostName,
  hostsPaths,
  type Listed,
  listedSchema,
  type Machine,
  machineSchema,
} from './hosts/payloads.js';
export {
  DEFAULT_VIEW,
  type HostEvent,
  HostState,
  HostsView,
  type HostView,
  type MassLoss,
  type ViewOptions,
} from './hosts/view.js';
