/**
 * Commands a server answers with text when they are the first four bytes of a connection.
 * Source: FourLetterCommands.java. As a frame length each is over a gigabyte, which is how they are told apart.
 */
export const FOUR_LETTER_WORDS = [
  'conf',
  'cons',
  'crst',
  'dirs',
  'dump',
  'envi',
  'gtmk',
  'hash',
  'isro',
  'mntr',
  'ruok',
  'srst',
  'srvr',
  'stat',
  'stmk',
  'wchc',
  'wchp',
  'wchs',
] as const;

export type FourLetterWord = (typeof FOUR_LETTER_WORDS)[number];

/** The bytes telnet sends on an interrupt; a server that sees them first just closes. */
export const TELNET_CLOSE = 0xfff4fffd | 0;

const wordsByLengthField = new Map<number, FourLetterWord>(
  FOUR_LETTER_WORDS.map((word) => [Buffer.from(word, 'latin1').readInt32BE(0), word]),
);

/** The command that these four bytes, read as a big-endian signed int32 frame length, spell; null if they spell none. */
export function fourLetterWord(lengthField: number): FourLetterWord | null {
  return wordsByLengthField.get(lengthField) ?? null;
}
