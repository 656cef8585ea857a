export { PendingChanges } from './pending-changes.js';
export type { PreparationTools, QuotaPassed } from './preparation.js';
export { Preparer } from './preparer.js';
