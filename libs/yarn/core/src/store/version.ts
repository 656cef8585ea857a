/** The layout's version: another minor is taken over, another major is refused (`RMStateStore.checkVersion`). */
import { type LayoutVersion, YarnRecordError } from '@menagerie/yarn-protocol';

/** 1.4 split the applications, 1.5 the delegation tokens. */
export const CURRENT_LAYOUT: LayoutVersion = { major: 1, minor: 5 };

/**
 * @param stored null for a store that was never used
 * @returns whether the current version has to be written
 * @throws YarnRecordError `YARN_VERSION_MISMATCH` for another major version
 */
export function checkLayout(stored: LayoutVersion | null, current = CURRENT_LAYOUT): 'write' | 'keep' {
  if (stored === null) return 'write';
  if (stored.major !== current.major) {
    throw new YarnRecordError(
      'YARN_VERSION_MISMATCH',
      `state store: expected layout ${current.major}.x, found ${stored.major}.${stored.minor}; format it or use the release that wrote it`,
    );
  }
  return stored.minor === current.minor ? 'keep' : 'write';
}

/** What this start is called and what the next will be (`getAndIncrementEpoch`). */
export function nextEpoch(stored: number | null): { readonly epoch: number; readonly store: number } {
  const epoch = stored ?? 0;
  return { epoch, store: epoch + 1 };
}
