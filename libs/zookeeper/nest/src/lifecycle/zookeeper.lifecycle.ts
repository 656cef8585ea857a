/**
 * The order of taking leave:
 *
 *   1. leave: registrations are withdrawn, schedules stopped, leadership given up; HTTP still answers
 *   2. close: what is followed is let go, then the session is closed, and last the embedded member, whose quorum the
 *      session may have needed
 *
 * With a process that has an order of stopping these are two hooks of it; without, Nest's own (`enableShutdownHooks()`).
 */
import {
  Inject,
  Injectable,
  Logger,
  Optional,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT, ZOOKEEPER_MEMBER } from '../constants.js';
import type { EmbeddedMember } from '../ensemble/embedded-member.js';
import { HOST_PROCESS, type HostProcess } from '../host-process.js';
import type { Role } from './roles.js';

/** More are a leak. */
const MAX_ROLES = 1_000;

@Injectable()
export class ZooKeeperLifecycle implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger('ZooKeeper');
  private readonly roles: Role[] = [];
  private readonly followers: Role[] = [];
  private leaving: Promise<void> | null = null;
  private closing: Promise<void> | null = null;
  /** Nobody calls us in the order of the process: Nest's own hooks have to. */
  private readonly isAlone: boolean;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(ZOOKEEPER_MEMBER) private readonly member: EmbeddedMember | null,
    @Optional() @Inject(HOST_PROCESS) host?: HostProcess,
  ) {
    this.isAlone = host === undefined;
    // Within a phase the last registered runs first, so what others add later for the same phase still has its session.
    host?.onStop('close', 'zookeeper', () => this.close());
    host?.onStop('leave', 'zookeeper', () => this.leave());
  }

  get isLeaving(): boolean {
    return this.leaving !== null;
  }

  /** Given up in the first phase, the last added first. */
  addRole(role: Role): void {
    if (this.roles.length >= MAX_ROLES) throw new RangeError(`expected at most ${MAX_ROLES} roles, got ${role.name}`);
    this.roles.push(role);
  }

  /** Given up in the second phase. */
  addFollower(follower: Role): void {
    if (this.followers.length >= MAX_ROLES) throw new RangeError(`expected at most ${MAX_ROLES}, got ${follower.name}`);
    this.followers.push(follower);
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.isAlone) await this.leave();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.isAlone) await this.close();
  }

  leave(): Promise<void> {
    this.leaving ??= this.giveUp(this.roles);
    return this.leaving;
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await this.leave();
      await this.giveUp(this.followers);
      const { sessionClosed } = await this.client.close();
      if (!sessionClosed) this.logger.warn('the session could not be closed: it lasts until its timeout');
      await this.member?.close();
    })();
    return this.closing;
  }

  /** One that fails does not keep the others from leaving. */
  private async giveUp(roles: Role[]): Promise<void> {
    for (const role of roles.splice(0).reverse()) {
      try {
        await role.close();
      } catch (error) {
        this.logger.error(
          `${role.name} could not be given up: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}
