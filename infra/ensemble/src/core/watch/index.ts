export { type Watcher, Watches } from './watches.js';
export { WatchMode, WatchTable } from './watch-table.js';
