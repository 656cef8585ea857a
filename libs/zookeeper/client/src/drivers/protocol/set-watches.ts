/** The requests that tell a new connection about the watches of its session. Pure. */
import {
  OpCode,
  encodeSetWatches2Request,
  encodeSetWatchesRequest,
  type JuteWriter,
  type SetWatches2Request,
} from '@menagerie/zookeeper-protocol';
import type { WatchLists } from '../../driver.js';
import { watchBatches } from '../watch-batches.js';

export interface SetWatches {
  readonly opCode: number;
  readonly encode: (writer: JuteWriter, request: SetWatches2Request) => void;
  readonly request: SetWatches2Request;
}

/**
 * @param relativeZxid the newest the session has seen, the same for all: what a reply to the first says must not hide
 *   what the second asks about
 */
export function setWatchesRequests(relativeZxid: bigint, watches: WatchLists): readonly SetWatches[] {
  return watchBatches(watches).map(({ data, exists, children, persistent, recursive }) => {
    const request = {
      relativeZxid,
      dataWatches: data,
      existWatches: exists,
      childWatches: children,
      persistentWatches: persistent,
      persistentRecursiveWatches: recursive,
    };
    // Servers before 3.6 know the older request only, and none that is younger needs more without watches that stay.
    return persistent.length + recursive.length === 0
      ? { opCode: OpCode.setWatches, encode: encodeSetWatchesRequest, request }
      : { opCode: OpCode.setWatches2, encode: encodeSetWatches2Request, request };
  });
}
