/** Runs the member: our own server in this process, on its own ports and folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseZooCfg, startServer, type ZkServer } from '@menagerie/ensemble';
import { ZooKeeperModuleError } from '../errors.js';
import { zooCfgOf, type MemberOptions } from './member-options.js';

export class EmbeddedMember {
  private constructor(
    readonly id: number,
    private readonly server: ZkServer,
  ) {}

  /**
   * Starts it; it then looks for the others. It serves once a majority is there, and a client waits for that.
   * @param onStopped told when it stops by itself: a full disk, damaged data. The application is still a client then.
   * @throws ZooKeeperModuleError, and the ensemble's own one-line errors: a busy port, a folder that cannot be written
   */
  static async start(options: MemberOptions, onStopped: (error: Error) => void): Promise<EmbeddedMember> {
    const text = zooCfgOf(options);
    mkdirSync(options.dataDir, { recursive: true });
    writeFileSync(join(options.dataDir, 'myid'), `${options.id}\n`);
    const server = await startServer(parseZooCfg(text, null));
    void server.stopped.then((reason) => {
      if (reason === null) return;
      const message = `the embedded member ${options.id} stopped: ${reason.message}`;
      onStopped(new ZooKeeperModuleError('ZOOKEEPER_MODULE_MEMBER_STOPPED', message, { cause: reason }));
    });
    return new EmbeddedMember(options.id, server);
  }

  /** `leading`, `following`, `looking`: what it is at this moment. */
  get role(): string {
    return this.server.describe().state;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
