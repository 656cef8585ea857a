/** Whether ZooKeeper is there for us: a Terminus indicator, and the process's own when it has one. */
import { Inject, Injectable, Optional } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT, ZOOKEEPER_MEMBER } from '../constants.js';
import type { EmbeddedMember } from '../ensemble/embedded-member.js';
import { HOST_PROCESS, type HostProcess, type ZooKeeperHealth } from '../host-process.js';

@Injectable()
export class ZooKeeperHealthIndicator {
  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(ZOOKEEPER_MEMBER) private readonly member: EmbeddedMember | null,
    @Optional() @Inject(HealthIndicatorService) private readonly terminus?: HealthIndicatorService,
    @Optional() @Inject(HOST_PROCESS) host?: HostProcess,
  ) {
    host?.addHealth('zookeeper', () => this.report());
  }

  /** Suspended is degraded: the session may come back. Without one we are down. */
  report(): ZooKeeperHealth {
    const { state, session } = this.client;
    const details = {
      session: state,
      ...(session ? { sessionIds: [`0x${BigInt.asUintN(64, session.id).toString(16)}`] } : {}),
      ...(this.member ? { member: this.member.id, role: this.member.role } : {}),
    };
    const isUp = state === 'connected';
    return { state: isUp ? 'up' : session ? 'degraded' : 'down', details };
  }

  /** For a health controller of one's own: `health.check([() => zookeeper.check()])`. Needs the TerminusModule. */
  check(key = 'zookeeper'): HealthIndicatorResult {
    if (this.terminus === undefined) throw new Error('expected the TerminusModule to be imported, found it missing');
    const { state, details } = this.report();
    const indicator = this.terminus.check(key);
    return state === 'down' ? indicator.down({ ...details }) : indicator.up({ ...details });
  }
}
