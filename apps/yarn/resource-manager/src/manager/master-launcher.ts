/** Starts masters on the nodes that were chosen for them (AMLauncher). */
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeClient } from '@menagerie/yarn-client';
import {
  ContainerEnvironment,
  type ContainerGrant,
  type LaunchContext,
  mintMasterToken,
  YarnError,
} from '@menagerie/yarn-protocol';

/** A node that does not answer for this long gets no master. */
const LAUNCH_DEADLINE_MS = 15_000;
const TRY_TIMEOUT_MS = 5_000;
const PAUSE_MS = 500;

export class MasterLauncher {
  private readonly nodes = new NodeClient({ timeoutMs: TRY_TIMEOUT_MS });

  /** @returns null when it runs, else why it could not be started */
  async launch(
    attemptId: string,
    grant: ContainerGrant,
    launch: LaunchContext,
    masterKey: Buffer,
    signal: AbortSignal,
  ): Promise<string | null> {
    const token = mintMasterToken(attemptId, masterKey);
    const environment = { ...launch.environment, [ContainerEnvironment.MasterToken]: token };
    const deadlineMs = performance.now() + LAUNCH_DEADLINE_MS;
    for (;;) {
      try {
        await this.nodes.startContainer(grant, { ...launch, environment }, { signal });
        return null;
      } catch (error) {
        if (!(error instanceof YarnError)) throw error;
        if (!error.retryable || signal.aborted || performance.now() > deadlineMs) return error.message;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
