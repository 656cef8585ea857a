/** The children of one node: who must be in a list of them, and the numbers that sequential ones were given. */
import { hex, type Report } from './types.js';

/** Beyond this, children are no longer followed one by one. */
const MAX_CHILDREN = 5_000;

export class ParentHistory {
  /** By name: the zxid at which it was last made. Deleted and ephemeral ones are not here. */
  private readonly lasting = new Map<string, bigint>();
  /** By name: when it was last deleted. A create before that may be answered after it, by a server that is behind. */
  private readonly gone = new Map<string, bigint>();
  /** By name: deletes under way, or of unknown outcome. */
  private readonly leaving = new Map<string, number>();
  private readonly numbers = new Set<number>();
  /** The highest number that anybody was given. */
  highest = -1;

  constructor(
    private readonly path: string,
    private readonly report: Report,
  ) {}

  made(path: string, zxid: bigint, isEphemeral: boolean): void {
    const name = nameOf(path);
    if (isEphemeral || this.lasting.size >= MAX_CHILDREN) return;
    const latest = this.lasting.get(name) ?? this.gone.get(name) ?? 0n;
    if (zxid > latest) this.lasting.set(name, zxid);
  }

  /** A delete is under way, or of unknown outcome: from now on the child may be there or not. */
  mayGo(path: string): void {
    const name = nameOf(path);
    this.leaving.set(name, (this.leaving.get(name) ?? 0) + 1);
  }

  /** What became of it. `zxid` null: it was refused. */
  went(path: string, zxid: bigint | null): void {
    const name = nameOf(path);
    const others = (this.leaving.get(name) ?? 1) - 1;
    if (others === 0) this.leaving.delete(name);
    else this.leaving.set(name, others);
    if (zxid === null) return;
    if (zxid > (this.gone.get(name) ?? 0n)) this.gone.set(name, zxid);
    if (this.gone.size > MAX_CHILDREN) this.gone.delete(this.gone.keys().next().value!);
    if ((this.lasting.get(name) ?? zxid) < zxid) this.lasting.delete(name);
  }

  numbered(client: string, path: string, floor: number): void {
    const number = Number(path.slice(-10));
    if (this.numbers.has(number)) this.report('sequence numbers are unique', `${client} was given ${path} again`);
    if (number <= floor) {
      this.report('sequence numbers grow', `${client} was given ${path}, and ${floor} was known before it asked`);
    }
    if (this.numbers.size < MAX_CHILDREN) this.numbers.add(number);
    this.highest = Math.max(this.highest, number);
  }

  listed(client: string, children: readonly string[], zxid: bigint): void {
    const names = new Set(children);
    if (names.size !== children.length) this.report('a list of children has each once', `${client}: ${this.path}`);
    for (const [name, madeAt] of this.lasting) {
      if (madeAt > zxid || names.has(name) || this.leaving.has(name)) continue;
      this.report(
        'no acknowledged write is lost',
        `${client} listed ${this.path} at ${hex(zxid)}, and ${name}, made at ${hex(madeAt)}, is missing`,
      );
      return;
    }
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
