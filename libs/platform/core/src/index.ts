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
export { isPatternError, messageOf, PatternError, PatternErrorCode } from './errors.js';
