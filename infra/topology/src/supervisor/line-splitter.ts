/** Cuts a stream of chunks into lines. */

/** A longer line is cut here; nothing that a process prints may grow a buffer without end. */
export const MAX_LINE_CHARS = 64 * 1024;

export class LineSplitter {
  /** Invariant: holds no line end, and at most `MAX_LINE_CHARS`. */
  #rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  /** @param text decoded by a streaming decoder, so that no character is cut in two */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    while (this.#rest.length > MAX_LINE_CHARS) {
      this.#emit(this.#rest.slice(0, MAX_LINE_CHARS));
      this.#rest = this.#rest.slice(MAX_LINE_CHARS);
    }
  }

  /** What came after the last line end. */
  end(): void {
    if (this.#rest !== '') this.#emit(this.#rest);
    this.#rest = '';
  }

  #emit(line: string): void {
    for (let at = 0; at === 0 || at < line.length; at += MAX_LINE_CHARS) {
      this.onLine(line.slice(at, at + MAX_LINE_CHARS).replace(/\r$/, ''));
    }
  }
}
