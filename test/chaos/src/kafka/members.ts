/** The processes of a group: started again whenever they are gone, for what they were given is in their coordinator's hands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from '@menagerie/platform-testing';
import { waitFor } from '@menagerie/zookeeper-testing';

import { PARTITIONS } from './cluster.js';

const PROGRAM = join(repositoryRoot(), 'test/chaos/dist/kafka/member.js');
/** A process that can not even connect is not started faster than this. */
const RESTART_MS = 500;
const GONE_WITHIN_MS = 10_000;

export class Member {
  /** What was ever given to it, by partition. */
  readonly delivered = PARTITIONS.map(() => new Set<number>());
  /** How often it ended by itself: its client had given up. */
  gaveUp = 0;
  private child: ChildProcess | null = null;
  private isClosing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    private readonly bootstrap: readonly string[],
    private readonly part: 'deliver' | 'copy',
  ) {
    this.launch();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  private launch(): void {
    const child = spawn(process.execPath, [PROGRAM, this.bootstrap.join(','), this.part], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [partition = '', number = ''] = line.split(' ');
      // A line that a kill cut short is of a number that was not committed either.
      if (number !== '') this.delivered[Number(partition)]?.add(Number(number));
    });
    child.once('close', (code) => {
      this.child = null;
      if (code === 1) this.gaveUp++;
      if (!this.isClosing) this.timer = setTimeout(() => this.launch(), RESTART_MS);
    });
  }

  /** kill -9; another life begins by itself. */
  async kill(): Promise<void> {
    const { child } = this;
    child?.kill('SIGKILL');
    await waitFor(() => this.child !== child || child === null, {
      timeoutMs: GONE_WITHIN_MS,
      what: `${this.name} gone`,
    });
  }

  async close(): Promise<void> {
    this.isClosing = true;
    clearTimeout(this.timer);
    await this.kill();
  }
}
