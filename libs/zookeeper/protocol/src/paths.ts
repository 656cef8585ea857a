/** Which paths a node may have. Source: PathUtils.java, rules and messages. */
import { PathError } from './errors.js';

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * @param sequential the server will append digits, so that a trailing slash names a child called by its number only
 * @throws PathError if no node can have this path
 */
export function validatePath(path: string, sequential = false): void {
  const reason = pathFault(sequential ? `${path}1` : path);
  if (reason !== null) throw new PathError(reason);
}

/** What is wrong with a path, in the words of Apache's clients; null if nothing is. */
export function pathFault(path: string): string | null {
  if (path.length === 0) return 'Path length must be > 0';
  if (path.charCodeAt(0) !== SLASH) return 'Path must start with / character';
  if (path.length === 1) return null;
  if (path.charCodeAt(path.length - 1) === SLASH) return 'Path must not end with / character';
  for (let at = 1; at < path.length; at++) {
    const reason = unitFault(path, at);
    if (reason !== null) return `Invalid path string "${path}" caused by ${reason} @${at}`;
  }
  return null;
}

/** Judges one UTF-16 unit by itself and its neighbours; surrogates count as invalid, so no character outside the BMP passes. */
function unitFault(path: string, at: number): string | null {
  const unit = path.charCodeAt(at);
  if (unit === DOT) return isDotComponent(path, at) ? 'relative paths not allowed' : null;
  if (unit === SLASH) return path.charCodeAt(at - 1) === SLASH ? 'empty node name specified' : null;
  if (unit > 0x1f && unit < 0x7f) return null;
  if (unit === 0) return 'null character not allowed';
  if (unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0) {
    return 'invalid character';
  }
  return null;
}

/** Is the dot at `at` the last character of a component `.` or `..`? */
function isDotComponent(path: string, at: number): boolean {
  if (at + 1 < path.length && path.charCodeAt(at + 1) !== SLASH) return false;
  const before = path.charCodeAt(at - 1);
  return before === SLASH || (before === DOT && path.charCodeAt(at - 2) === SLASH);
}
