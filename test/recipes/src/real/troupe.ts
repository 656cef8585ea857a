/** The actors of one ensemble: processes that stay from play to play, since starting one takes longer than many a play. */
import type { TestEnsemble } from '@menagerie/zookeeper-testing';
import { ActorProcess } from './actor-process.js';

export class Troupe implements AsyncDisposable {
  private readonly actors: ActorProcess[] = [];

  constructor(readonly ensemble: TestEnsemble) {}

  async take(count: number): Promise<readonly ActorProcess[]> {
    for (let index = 0; index < count; index += 1) {
      if (this.actors[index]?.isAlive) continue;
      await this.actors[index]?.close();
      this.actors[index] = await ActorProcess.start(this.ensemble, index);
    }
    return this.actors.slice(0, count);
  }

  /** After a play that came to its end. */
  async rest(): Promise<void> {
    await Promise.all(this.actors.map((actor) => actor.rest()));
  }

  /** After one that did not: nothing of it may reach into the next. */
  async dismiss(): Promise<void> {
    await Promise.all(this.actors.splice(0).map((actor) => actor.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dismiss();
  }
}
