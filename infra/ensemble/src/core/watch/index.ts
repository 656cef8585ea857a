export { type Watcher, WatchMeters, Watches } from './watches.js';
export { WatchMode, WatchTable } from './watch-table.js';
