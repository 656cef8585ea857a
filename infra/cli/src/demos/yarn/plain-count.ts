/**
 * Counts words in the plainest way, character by character over a whole file: the job's result is compared with it, so
 * it shares nothing with the job, neither its pattern nor its cuts.
 */

/** A word is made of letters, marks and digits of any script; an apostrophe belongs to it when it stands between two. */
const LETTER = /^[\p{L}\p{N}\p{M}]$/u;

export function countPlainly(text: string, into: Map<string, number>): void {
  let word = '';
  let apostrophe = '';
  const end = () => {
    if (word !== '') into.set(word.toLowerCase(), (into.get(word.toLowerCase()) ?? 0) + 1);
    word = '';
    apostrophe = '';
  };
  for (const character of text) {
    if (LETTER.test(character)) {
      word += apostrophe + character;
      apostrophe = '';
    } else if (word !== '' && apostrophe === '' && (character === "'" || character === '’')) {
      apostrophe = character;
    } else {
      end();
    }
  }
  end();
}
