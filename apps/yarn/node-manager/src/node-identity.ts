/** Who this node is, to the ResourceManager, to masters and to its containers. */
import { Inject, Injectable } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { NodeManagerConfig } from './config.js';

@Injectable()
export class NodeIdentity {
  /** `name:port`. */
  readonly id: string;
  /** `host:port` at which masters and reducers reach this node. */
  readonly httpAddress: string;
  /** Another value means another process, whose containers are not these. */
  readonly startedAtMs = Date.now();

  constructor(@Inject(SERVICE_CONFIG) config: NodeManagerConfig) {
    const { host, port } = config.http;
    this.id = `${config.nodeName}:${port}`;
    this.httpAddress = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
}
