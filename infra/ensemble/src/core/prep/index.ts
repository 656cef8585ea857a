export { PendingChanges } from './pending-changes.js';
export type { PreparationTools } from './preparation.js';
export { Preparer } from './preparer.js';
