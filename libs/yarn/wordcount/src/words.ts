/** What a word is, how words are counted, and how counts travel in files. */

/** Letters, marks and digits of any script, joined by apostrophes inside a word. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{N}\p{M}]+)*/gu;

export type Counts = Map<string, number>;

export function countWords(text: string, into: Counts): void {
  for (const match of text.matchAll(WORD)) {
    const word = match[0].toLowerCase();
    into.set(word, (into.get(word) ?? 0) + 1);
  }
}

/** Which reducer gets a word: FNV-1a over its UTF-16 units, the same in every process. */
export function partitionOf(word: string, reducers: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % reducers;
}

/** One word a line, `word<TAB>count`, in code unit order: equal counts give equal bytes. */
export function formatCounts(counts: Counts): string {
  const words = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1));
  return words.map((word) => `${word}\t${counts.get(word)}\n`).join('');
}

/** @throws SyntaxError that names the line */
export function addCounts(text: string, into: Counts): void {
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line === '') continue;
    const [word = '', count = ''] = line.split('\t');
    const value = Number(count);
    if (word === '' || !Number.isSafeInteger(value) || value < 1) {
      throw new SyntaxError(`line ${number}: expected word<TAB>count, got ${JSON.stringify(line.slice(0, 80))}`);
    }
    into.set(word, (into.get(word) ?? 0) + value);
  }
}
