/** The director's side of one actor: its process, its own links to the servers, and what it plays at the moment. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LinkProxy, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { Judge } from '../plays/play.js';
import type { ActorTask, FromActor, ToActor } from './messages.js';

/** A process that does not come to rest is replaced by another; a busy machine's are given time. */
const REST_MS = 60_000;
const ENTRY = join(import.meta.dirname, 'actor.js');

/** One task, from its beginning to its end. */
interface Part {
  readonly judge: Judge;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class ActorProcess {
  /** The latest of the task it plays. */
  session: { readonly id: bigint; readonly password: Buffer } | null = null;
  private part: Part | null = null;
  private rested: (() => void) | null = null;

  private constructor(
    readonly name: string,
    readonly links: readonly LinkProxy[],
    private readonly child: ChildProcess,
  ) {
    child.on('message', (message: FromActor) => this.hear(message));
    child.once('exit', (code, signal) => {
      this.part?.reject(new Error(`${name} ended by itself: ${code ?? signal}`));
      this.rested?.();
    });
  }

  static async start(ensemble: TestEnsemble, index: number): Promise<ActorProcess> {
    const targets = ensemble.servers.map(({ host, clientPort }) => ({ host, port: clientPort }));
    const links = await Promise.all(targets.map((target) => LinkProxy.start(target)));
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    return new ActorProcess(`actor-${index + 1}`, links, child);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it has played to its end; rejects with what it, or the judge, threw. */
  play(task: Omit<ActorTask, 'connect'>, judge: Judge): Promise<void> {
    this.session = null;
    return new Promise((resolve, reject) => {
      this.part = { judge, resolve, reject };
      this.send({ kind: 'act', task: { ...task, connect: this.links.map(({ address }) => address).join(',') } });
    });
  }

  /** SIGSTOP or SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** The play is over, however: its client is closed and every link mended. A process that can not is ended. */
  async rest(): Promise<void> {
    this.part = null;
    this.child.kill('SIGCONT');
    for (const link of this.links) {
      link.heal();
      link.forgetTraps();
    }
    if (!this.isAlive) return;
    const rested = new Promise<void>((resolve) => (this.rested = resolve));
    this.send({ kind: 'rest' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), REST_MS);
    await rested;
    clearTimeout(timer);
    this.rested = null;
  }

  async close(): Promise<void> {
    this.part = null;
    if (this.isAlive) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
    await Promise.all(this.links.map((link) => link.close()));
  }

  private hear(message: FromActor): void {
    switch (message.kind) {
      case 'session':
        this.session = { id: BigInt(message.id), password: Buffer.from(message.password, 'hex') };
        return;
      case 'tell':
        return this.judged(message);
      case 'rested':
        return this.rested?.();
      case 'ended':
        if (message.failure === null) this.part?.resolve();
        else this.part?.reject(new Error(`${this.name}: ${message.failure}`));
    }
  }

  private judged({ number, what, details }: Extract<FromActor, { kind: 'tell' }>): void {
    if (this.part === null) return;
    try {
      this.send({ kind: 'answer', number, accepted: this.part.judge.hear(this.name, what, details) });
    } catch (error) {
      this.part.reject(error as Error);
    }
  }

  private send(message: ToActor): void {
    if (this.child.connected) this.child.send(message);
  }
}
