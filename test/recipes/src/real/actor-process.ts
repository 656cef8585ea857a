/** The director's side of one actor: its process, its own links to the servers, its latest session. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LinkProxy, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { Judge } from '../plays/play.js';
import type { ActorTask, FromActor, ToActor } from './messages.js';

const STOP_MS = 10_000;
const ENTRY = join(import.meta.dirname, 'actor.js');

export class ActorProcess {
  session: { readonly id: bigint; readonly password: Buffer } | null = null;
  /** Resolves when it has played to its end; rejects with what it, or the judge, threw. */
  readonly ended: Promise<void>;
  private fail: (error: Error) => void = () => undefined;

  private constructor(
    readonly name: string,
    readonly links: readonly LinkProxy[],
    private readonly child: ChildProcess,
    judge: Judge,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.fail = reject;
      child.on('message', (message: FromActor) => {
        if (message.kind === 'session') {
          this.session = { id: BigInt(message.id), password: Buffer.from(message.password, 'hex') };
        } else if (message.kind === 'tell') this.judged(message, judge);
        else if (message.failure === null) resolve();
        else reject(new Error(`${name}: ${message.failure}`));
      });
      child.once('exit', (code, signal) => reject(new Error(`${name} ended by itself: ${code ?? signal}`)));
    });
    this.ended.catch(() => undefined);
  }

  static async start(ensemble: TestEnsemble, judge: Judge, task: Omit<ActorTask, 'connect'>): Promise<ActorProcess> {
    const targets = ensemble.servers.map(({ host, clientPort }) => ({ host, port: clientPort }));
    const links = await Promise.all(targets.map((target) => LinkProxy.start(target)));
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const actor = new ActorProcess(`actor-${task.index + 1}`, links, child, judge);
    actor.send({ kind: 'act', task: { ...task, connect: links.map(({ address }) => address).join(',') } });
    return actor;
  }

  /** SIGSTOP or SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGCONT');
      if (this.child.connected) this.send({ kind: 'close' });
      const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
    }
    await Promise.all(this.links.map((link) => link.close()));
  }

  private judged({ number, what, details }: Extract<FromActor, { kind: 'tell' }>, judge: Judge): void {
    try {
      this.send({ kind: 'answer', number, accepted: judge.hear(this.name, what, details) });
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private send(message: ToActor): void {
    if (this.child.connected) this.child.send(message);
  }
}
