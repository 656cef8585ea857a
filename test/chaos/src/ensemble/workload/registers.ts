/** Registers: nodes that several clients write, with and without a version; each is judged as an object of its own. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  linearize,
  versionedRegister,
  type Operation,
  type RegisterInput,
  type RegisterOutput,
} from '@menagerie/zookeeper-testing';
import type { RecordingClient } from '../client/recording-client.js';
import type { Workload, World } from './world.js';

const REGISTERS = 3;
const CLIENTS = 3;
/** A register is left for a new one when so much has been asked of it: the search for an order is no longer quick then. */
const MAX_OPERATIONS = 250;
const MAX_UNKNOWN = 8;
const SESSION_TIMEOUT_MS = 8_000;
const PACE_MS = 12;

class Register {
  readonly operations: Operation<RegisterInput, RegisterOutput>[] = [];
  version = 0;

  constructor(readonly path: string) {}

  get isUsedUp(): boolean {
    return (
      this.operations.length >= MAX_OPERATIONS ||
      this.operations.filter(({ output }) => output === undefined).length >= MAX_UNKNOWN
    );
  }
}

export class Registers implements Workload {
  private readonly clients: readonly RecordingClient[];
  private made = 0;

  constructor(private readonly world: World) {
    this.clients = Array.from({ length: CLIENTS }, (_, at) => world.client(`register-${at + 1}`, SESSION_TIMEOUT_MS));
  }

  async work(root: string, goesOn: () => boolean): Promise<void> {
    const slots = await Promise.all(Array.from({ length: REGISTERS }, () => this.make(root, goesOn)));
    const used: Register[] = [];
    await Promise.all(
      this.clients.map(async (client) => {
        const chance = this.world.chance();
        while (goesOn()) {
          const slot = chance.below(REGISTERS);
          const register = slots[slot];
          if (register === undefined || register === null) return;
          if (register.isUsedUp) {
            slots[slot] = null;
            used.push(register);
            slots[slot] = await this.make(root, goesOn);
          } else if (chance.next() < 0.25) {
            await this.world.ask(client, { kind: 'get', path: register.path });
          } else {
            await this.write(client, register, chance.next() < 0.6 ? register.version : -1);
          }
          await delay(PACE_MS * 2 * chance.next());
        }
      }),
    );
    for (const register of [...used, ...slots]) if (register !== null && register !== undefined) this.judge(register);
  }

  close(): void {
    for (const client of this.clients) client.abandon();
  }

  private async make(root: string, goesOn: () => boolean): Promise<Register | null> {
    const [client] = this.clients;
    while (goesOn()) {
      const path = `${root}/register-${++this.made}`;
      const outcome = await this.world.ask(client!, { kind: 'create', path, value: this.world.value(path) });
      if (outcome?.kind === 'done') return new Register(path);
    }
    return null;
  }

  private async write(client: RecordingClient, register: Register, expected: number): Promise<void> {
    const { path } = register;
    const begunMs = performance.now();
    const outcome = await this.world.ask(client, {
      kind: 'set',
      path,
      version: expected,
      value: this.world.value(client.name),
    });
    // What was never sent did not happen.
    if (outcome === null) return;
    const endedMs = performance.now();
    const output = ((): RegisterOutput | undefined => {
      if (outcome.kind === 'done') return { version: outcome.stat!.version };
      return outcome.kind === 'refused' && outcome.error === 'BadVersion' ? 'BadVersion' : undefined;
    })();
    register.operations.push({ input: { expected }, output, begunMs, endedMs });
    if (outcome.kind === 'done') register.version = Math.max(register.version, outcome.stat!.version);
    else if (output === 'BadVersion') await this.lookAgain(client, register);
  }

  private async lookAgain(client: RecordingClient, register: Register): Promise<void> {
    const outcome = await this.world.ask(client, { kind: 'get', path: register.path });
    if (outcome?.kind === 'done') register.version = Math.max(register.version, outcome.stat!.version);
  }

  private judge({ path, operations }: Register): void {
    const verdict = linearize(versionedRegister(0), operations, 400_000);
    this.world.run.count(verdict.kind === 'gave up' ? 'registers not judged' : 'registers judged');
    if (verdict.kind !== 'not linearizable') return;
    const stuck = operations[verdict.stuckAt];
    this.world.run.violation(
      'a register is linearizable',
      `${path}: no order of its ${operations.length} operations explains ${JSON.stringify(stuck)}`,
    );
  }
}
