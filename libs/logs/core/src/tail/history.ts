/**
 * A source is one endless stream of bytes, though its file is rotated, truncated and replaced. This is the map from the
 * stream's offsets to files: segments, one behind the other, each a part of one file (an inode).
 *
 *   offset 0        base of 2          base of 3
 *   |--- segment 1 ---|---- segment 2 ---|--- segment 3 (grows) -->
 *      app.log.2          app.log.1          app.log
 *
 * A segment's length must be settled before the next one has a base: a rotated file may be written to for a while longer.
 */

/** A file as seen by one look at the folder. */
export interface SeenFile {
  readonly name: string;
  /** Device and inode: the file itself, whatever it is called. */
  readonly id: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface Segment {
  readonly base: number;
  readonly fileId: string;
  /** Where in the file this segment begins: not 0 after a truncation that was noticed late. */
  readonly fileStart: number;
  /** Bytes of the file that belong to it, as far as seen; final once another segment follows. */
  readonly length: number;
}

export interface History {
  /** Invariant: bases ascend without a gap, `base + length` of one is the `base` of the next. At least one. */
  readonly segments: readonly Segment[];
  /** The last segment's file is no longer the one that is written to; since when, so that late writers have time. */
  readonly rotatedSinceMs: number | null;
  /** Of the last segment, when it last grew. */
  readonly grewAtMs: number;
}

export type HistoryEvent =
  | { readonly kind: 'rotated'; readonly at: number }
  /** The file became shorter: what was in it and not read before is gone. */
  | { readonly kind: 'truncated'; readonly at: number };

export interface Look {
  readonly nowMs: number;
  /** The file that is written to, if there is one at the moment. */
  readonly current: SeenFile | null;
  /** It and its rotated brothers, in any order. */
  readonly files: readonly SeenFile[];
  /** A rotated file that has not grown for so long is finished. */
  readonly rotationGraceMs: number;
}

/** More rotated files than this behind the oldest that anybody still wants are forgotten. */
export const MAX_SEGMENTS = 200;

/** @param base where the stream begins: 0, or beyond everything that an earlier life of it may have reached */
export function beginHistory(base: number, file: SeenFile, nowMs: number): History {
  return {
    segments: [{ base, fileId: file.id, fileStart: 0, length: file.size }],
    rotatedSinceMs: null,
    grewAtMs: nowMs,
  };
}

export const endOf = ({ segments }: History): number => {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.base + last.length;
};

export const beginOf = ({ segments }: History): number => segments[0]?.base ?? 0;

/** One look at the folder. */
export function observe(
  history: History,
  look: Look,
): { readonly history: History; readonly events: readonly HistoryEvent[] } {
  const last = history.segments.at(-1) as Segment;
  const file = look.files.find(({ id }) => id === last.fileId);
  const grown = file === undefined ? last.length : file.size - last.fileStart;
  if (file !== undefined && grown < last.length) return truncated(history, last, file, look.nowMs);
  const segment = grown > last.length ? { ...last, length: grown } : last;
  const now: History = {
    segments: segment === last ? history.segments : [...history.segments.slice(0, -1), segment],
    rotatedSinceMs: history.rotatedSinceMs,
    grewAtMs: segment === last ? history.grewAtMs : look.nowMs,
  };
  const next = successor(last.fileId, look);
  if (next === null) return { history: { ...now, rotatedSinceMs: null }, events: [] };
  const rotatedSinceMs = now.rotatedSinceMs ?? look.nowMs;
  const quietSinceMs = Math.max(rotatedSinceMs, now.grewAtMs);
  // A file that is gone cannot grow; one that has brothers between itself and the current one was left long ago.
  const finished =
    file === undefined || next.id !== look.current?.id || look.nowMs - quietSinceMs >= look.rotationGraceMs;
  if (!finished) return { history: { ...now, rotatedSinceMs }, events: [] };
  const base = endOf(now);
  const begun: Segment = { base, fileId: next.id, fileStart: 0, length: next.size };
  return {
    history: {
      segments: [...now.segments, begun].slice(-MAX_SEGMENTS),
      rotatedSinceMs: null,
      grewAtMs: look.nowMs,
    },
    events: [{ kind: 'rotated', at: base }],
  };
}

/** The file that was begun next after this one: rotated brothers that are younger, oldest first, and then the current. */
function successor(fileId: string, { files, current }: Look): SeenFile | null {
  if (current === null || current.id === fileId) return null;
  const own = files.find(({ id }) => id === fileId);
  if (own === undefined) return current;
  const between = files
    .filter(({ id, mtimeMs }) => id !== fileId && id !== current.id && mtimeMs > own.mtimeMs)
    .sort((a, b) => a.mtimeMs - b.mtimeMs);
  return between[0] ?? current;
}

/** Same file, shorter than before (copytruncate, or `> app.log`): a new segment of the same file, from its start. */
function truncated(
  history: History,
  last: Segment,
  file: SeenFile,
  nowMs: number,
): { readonly history: History; readonly events: readonly HistoryEvent[] } {
  const base = last.base + last.length;
  const begun: Segment = { base, fileId: file.id, fileStart: 0, length: file.size };
  return {
    history: { segments: [...history.segments, begun].slice(-MAX_SEGMENTS), rotatedSinceMs: null, grewAtMs: nowMs },
    events: [{ kind: 'truncated', at: base }],
  };
}

export type Location =
  | {
      readonly kind: 'bytes';
      readonly segment: Segment;
      readonly fileOffset: number;
      readonly available: number;
      readonly final: boolean;
    }
  /** Older than everything that is remembered. */
  | { readonly kind: 'forgotten'; readonly begin: number }
  /** Nothing there yet. */
  | { readonly kind: 'end' }
  /** Beyond the end: asked by somebody who knows another life of this source. */
  | { readonly kind: 'beyond'; readonly end: number };

/** Where in which file an offset of the stream is. */
export function locate(history: History, offset: number): Location {
  const end = endOf(history);
  if (offset > end) return { kind: 'beyond', end };
  if (offset < beginOf(history)) return { kind: 'forgotten', begin: beginOf(history) };
  const index = history.segments.findLastIndex(({ base, length }) => base <= offset && offset < base + length);
  const segment = history.segments[index];
  if (segment === undefined) return { kind: 'end' };
  const inside = offset - segment.base;
  // A segment of a file that was truncated is finished though its file lives on; its bytes are gone.
  const final = index < history.segments.length - 1;
  return { kind: 'bytes', segment, fileOffset: segment.fileStart + inside, available: segment.length - inside, final };
}

/** True when the segment's bytes have been overwritten: the same file has a later segment. */
export const isOverwritten = ({ segments }: History, segment: Segment): boolean =>
  segments.some((other) => other.base > segment.base && other.fileId === segment.fileId);
