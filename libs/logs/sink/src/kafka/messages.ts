/**
 * A batch of bytes as messages, a line each. The message's key is the source, so that a source's lines share a partition
 * and keep their order there.
 */
import type { Batch } from '../sink.js';

/** Where in the stream of its source the message begins: with the key it names the line for good. */
export const OFFSET = 'offset';
/** The line goes on in the source's next message: it was too long for one, or torn by the agent. */
export const CONTINUED = 'continued';

export interface LineMessage {
  readonly key: string;
  /** Without its newline. */
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a message costs beside its value, at most: headers, lengths, time. */
const MESSAGE_OVERHEAD_BYTES = 128;
const NEWLINE = 0x0a;

/**
 * @param maxBytes of the messages of one group, which is one record batch for the broker
 * @returns groups of messages in the order of the stream; together they hold every byte of the batch but its newlines
 */
export function* messagesOf(source: string, { from, bytes }: Batch, maxBytes: number): Generator<LineMessage[]> {
  const maxValue = maxBytes - MESSAGE_OVERHEAD_BYTES - source.length;
  let group: LineMessage[] = [];
  let size = 0;
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const lineEnd = newline < 0 ? bytes.length : newline;
    const end = Math.min(lineEnd, at + maxValue);
    const whole = end === newline;
    const cost = end - at + MESSAGE_OVERHEAD_BYTES + source.length;
    if (group.length > 0 && size + cost > maxBytes) {
      yield group;
      [group, size] = [[], 0];
    }
    const offset = String(from + at);
    group.push({
      key: source,
      value: bytes.subarray(at, end),
      headers: whole ? { [OFFSET]: offset } : { [OFFSET]: offset, [CONTINUED]: '1' },
    });
    size += cost;
    at = whole ? end + 1 : end;
  }
  if (group.length > 0) yield group;
}
