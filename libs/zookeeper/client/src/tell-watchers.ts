/** Watch callbacks run in microtasks, which keep the order: behind replies that arrived before, ahead of later ones. */
import type { EventType } from '@menagerie/zookeeper-protocol';
import type { WatchRegistry, Watcher } from './watch-registry.js';

export function tellEvent(watches: WatchRegistry, event: EventType, path: string): void {
  const taken = watches.take(event, path);
  if (taken === null) return;
  const { type, watchers, pathWatchers } = taken;
  notify(watchers, type);
  for (const watcher of pathWatchers) queueMicrotask(() => watcher(type, path));
}

/** Each is told, and none waits any more. */
export function tellSessionEnd(watches: WatchRegistry): void {
  const { watchers, pathWatchers } = watches.drain();
  notify(watchers, 'session-lost');
  for (const [path, watcher] of pathWatchers) queueMicrotask(() => watcher('session-lost', path));
}

function notify(watchers: readonly Watcher[], type: Parameters<Watcher>[0]): void {
  for (const watcher of watchers) queueMicrotask(() => watcher(type));
}
