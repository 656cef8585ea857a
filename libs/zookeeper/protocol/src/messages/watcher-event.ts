/**
 * What a server sends when a watch fires, behind a ReplyHeader with xid -1.
 *
 *   WatcherEvent = int type, int state, ustring path
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface WatcherEvent {
  /** One of `EventType`. */
  readonly type: number;
  /** One of `KeeperState`; always SyncConnected on the wire. */
  readonly state: number;
  readonly path: string;
}

export function encodeWatcherEvent(writer: JuteWriter, message: WatcherEvent): void {
  writer.writeInt(message.type);
  writer.writeInt(message.state);
  writer.writeString(message.path);
}

export function decodeWatcherEvent(reader: JuteReader): WatcherEvent {
  const type = reader.readInt();
  const state = reader.readInt();
  return { type, state, path: reader.readString() ?? '' };
}
