/** One input through one target, under the rules that hold for all: a typed error or none, soon, and in little memory. */
import { Refusal, type Target } from './target.js';

/** A hang is what takes so long for at most a few KiB. Far above what a busy machine adds. */
const MAX_MS = 2_000;
/** Targets give their decoders a limit of 64 KiB a field; some fields live at a time, and garbage is counted as well. */
const MAX_BYTES = 48 * 1024 * 1024;

export type Execution =
  { readonly kind: 'decoded' } | { readonly kind: 'refused' } | { readonly kind: 'finding'; readonly why: string };

export function execute(target: Target, input: Buffer): Execution {
  const before = process.memoryUsage();
  const startedMs = performance.now();
  let kind: 'decoded' | 'refused' = 'decoded';
  try {
    target.run(input);
  } catch (error) {
    if (!(error instanceof Refusal)) {
      return { kind: 'finding', why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    kind = 'refused';
  }
  const tookMs = performance.now() - startedMs;
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  if (tookMs > MAX_MS) return { kind: 'finding', why: `took ${Math.round(tookMs)} ms for ${input.length} bytes` };
  if (bytes > MAX_BYTES) return { kind: 'finding', why: `took ${bytes} bytes of memory for ${input.length} bytes` };
  return { kind };
}
