/** One server and processes that provide, for all parts of the bench. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DubboRegistry } from '@menagerie/dubbo-registry';
import { Connections, Reference, type ReferenceOptions } from '@menagerie/dubbo-rpc';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { Listening } from './provider.js';
import { SERVICE } from './wire.js';

export interface ProviderProcess {
  readonly child: ChildProcess;
  readonly ports: Listening;
}

const START_MS = 30_000;

export class Stage {
  private readonly children: ChildProcess[] = [];

  private constructor(readonly ensemble: TestEnsemble) {}

  static async open(): Promise<Stage> {
    return new Stage(
      await startTestEnsemble({
        engine: 'menagerie',
        config: { maxClientCnxns: '0', forceSync: 'no' },
      }),
    );
  }

  async provider(name: string): Promise<ProviderProcess> {
    const args = [this.ensemble.connectString, name];
    const child = fork(join(import.meta.dirname, 'provider.js'), args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.children.push(child);
    const [ports] = (await once(child, 'message', {
      signal: AbortSignal.timeout(START_MS),
    })) as [Listening];
    return { child, ports };
  }

  registry(coalesceMs = 50): DubboRegistry {
    return new DubboRegistry({
      connect: this.ensemble.connectString,
      sessionTimeoutMs: 4_000,
      coalesceMs,
    });
  }

  /** With a registry of its own; both are closed together. */
  async reference(options: Partial<ReferenceOptions> = {}): Promise<{ reference: Reference; close(): Promise<void> }> {
    const [registry, connections] = [this.registry(), new Connections()];
    const reference = await Reference.open({
      registry,
      connections,
      serviceInterface: SERVICE,
      application: 'bench',
      timeoutMs: 5_000,
      ...options,
    });
    return {
      reference,
      close: async () => {
        await reference.close();
        connections.close();
        await registry.close();
      },
    };
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await this.ensemble.close();
  }
}
