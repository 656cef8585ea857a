/**
 * Names of sequential nodes. The server appends ten digits from one counter of the parent, shared by all prefixes, so
 * order is by these digits alone and never by name (`host2-0000000010` comes before `host10-0000000011`).
 * Source: PrepRequestProcessor.java (`%010d` of the parent's stored cversion, a signed 32-bit number).
 */

/**
 * After 2147483647 comes -2147483648, and Java's `%010d` counts the sign into the ten places: `-2147483648`, ...,
 * `-000000001`. Behind a prefix that ends in `-` (all of ours do) a second `-` is therefore the sign.
 */
const AFTER_DASH = /-(\d{10}|-\d{9,10})$/;
/** Other libraries' prefixes need not end in `-` (kazoo: `__lock__`). */
const BARE = /(\d{10})$/;
const WINDOW = 0x1_0000_0000;
const DASH = 45;
const ZERO = 48;

/** @returns the sequence number at the end of a name, or `null` when there is none. */
export function sequenceOf(name: string): number | null {
  const plain = plainDigits(name);
  if (plain !== null) return plain;
  const match = AFTER_DASH.exec(name) ?? BARE.exec(name);
  return match ? Number(match[1]) : null;
}

/** Ten digits behind something that is no sign: nearly all names, and lines may be long. */
function plainDigits(name: string): number | null {
  const begin = name.length - 10;
  if (begin < 1 || (name.charCodeAt(begin - 1) === DASH && name.charCodeAt(begin - 2) === DASH)) return null;
  let number = 0;
  for (let i = begin; i < name.length; i += 1) {
    const digit = name.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * Which of two came first, also across the wrap of the counter: the difference is taken modulo 2^32, which is right as
 * long as no contender is older than two thousand million creations.
 */
export function compareSequences(a: number, b: number): number {
  const difference = (a - b) % WINDOW;
  if (difference === 0) return 0;
  const wrapped =
    difference < -WINDOW / 2 ? difference + WINDOW : difference >= WINDOW / 2 ? difference - WINDOW : difference;
  return wrapped < 0 ? -1 : 1;
}

export interface Contender {
  readonly name: string;
  readonly sequence: number;
}

/**
 * Those children that `belongs` accepts, oldest first. Strangers in the directory, and names without a sequence number,
 * are left out: they must not hold anybody up.
 */
export function contendersInOrder(children: readonly string[], belongs: (name: string) => boolean): Contender[] {
  const contenders: Contender[] = [];
  for (const name of children) {
    const sequence = belongs(name) ? sequenceOf(name) : null;
    if (sequence !== null) contenders.push({ name, sequence });
  }
  return contenders.sort((a, b) => compareSequences(a.sequence, b.sequence));
}
