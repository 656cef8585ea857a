/**
 * setWatches (101) and setWatches2 (105): a reconnected client registers its watches again. What changed since
 * relativeZxid comes back as events; persistent watches do not learn what they missed.
 *
 *   SetWatches  = long relativeZxid, vector<ustring> dataWatches, existWatches, childWatches
 *   SetWatches2 = SetWatches, vector<ustring> persistentWatches, persistentRecursiveWatches
 *   response    = nothing behind the header
 */
import { JuteError } from '../errors.js';
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeStringItem, encodeStringItem } from '../records.js';

export interface SetWatchesRequest {
  /** The last zxid the client has seen. */
  readonly relativeZxid: bigint;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

export function encodeSetWatchesRequest(writer: JuteWriter, message: SetWatchesRequest): void {
  writer.writeLong(message.relativeZxid);
  writer.writeVector(message.dataWatches, encodeStringItem);
  writer.writeVector(message.existWatches, encodeStringItem);
  writer.writeVector(message.childWatches, encodeStringItem);
}

export function decodeSetWatchesRequest(reader: JuteReader): SetWatchesRequest {
  return {
    relativeZxid: reader.readLong(),
    dataWatches: readPaths(reader),
    existWatches: readPaths(reader),
    childWatches: readPaths(reader),
  };
}

export function encodeSetWatches2Request(writer: JuteWriter, message: SetWatches2Request): void {
  encodeSetWatchesRequest(writer, message);
  writer.writeVector(message.persistentWatches, encodeStringItem);
  writer.writeVector(message.persistentRecursiveWatches, encodeStringItem);
}

export function decodeSetWatches2Request(reader: JuteReader): SetWatches2Request {
  return {
    ...decodeSetWatchesRequest(reader),
    persistentWatches: readPaths(reader),
    persistentRecursiveWatches: readPaths(reader),
  };
}

/** A list may be empty and not be missing. */
function readPaths(reader: JuteReader): string[] {
  const { offset } = reader;
  const paths = reader.readVector(decodeStringItem);
  if (paths === null) throw new JuteError('ZK_JUTE_NULL', 'expected a list of paths, got null', offset);
  return paths;
}
