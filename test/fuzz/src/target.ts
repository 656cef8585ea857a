/** One decoder, as the fuzzer sees it. Registered in `targets/index.ts`. */

export interface Target {
  readonly name: string;
  /** Part of the path of the compiled files whose coverage guides the search. */
  readonly covers: string;
  /** Real bytes to begin with: captures, or what our own encoders write. */
  readonly seeds: () => readonly Buffer[];
  /**
   * Decodes, and checks what holds of everything that can be decoded.
   *
   * @throws Refusal for bytes that are refused as they should be; anything else is a finding
   */
  readonly run: (input: Buffer) => void;
}

/** The typed error came: the bytes are wrong, and the decoder said so. */
export class Refusal extends Error {}

/** Runs a decoder; its own errors become refusals, all others go through. */
export function refusing<T>(isTyped: (error: unknown) => boolean, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (isTyped(error)) throw new Refusal((error as Error).message);
    throw error;
  }
}

export function check(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
