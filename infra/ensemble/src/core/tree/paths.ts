/** The nodes every tree has, and what follows from a path alone. */

export const ROOT = '/';
export const ZOOKEEPER_NODE = '/zookeeper';
export const QUOTA_NODE = '/zookeeper/quota';
export const CONFIG_NODE = '/zookeeper/config';

/** The parent's path as the tree knows it. Every path but the root's has one. */
export function parentPathOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? ROOT : path.slice(0, slash);
}

/** Nodes that no client may delete. */
export function isSpecialPath(path: string): boolean {
  return path === ROOT || path === ZOOKEEPER_NODE || path === QUOTA_NODE || path === CONFIG_NODE;
}
