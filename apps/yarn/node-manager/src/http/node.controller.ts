/** What anybody may see of this node: itself, and what its containers left for others. */
import { constants, createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Inject, Param, StreamableFile } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import { type NodeInfo, NmPath, YarnRequestError } from '@menagerie/yarn-protocol';
import type { NodeManagerConfig } from '../config.js';
import { ContainerManager } from '../container/container-manager.js';
import { NodeIdentity } from '../node-identity.js';
import { NodeTracker } from '../tracker/node-tracker.js';

/** One name, no way out of the directory. */
const FILE_NAME = /^[A-Za-z0-9._-]{1,200}$/;

@Controller()
export class NodeController {
  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: NodeManagerConfig,
    @Inject(NodeIdentity) private readonly node: NodeIdentity,
    @Inject(NodeTracker) private readonly tracker: NodeTracker,
    @Inject(ContainerManager) private readonly containers: ContainerManager,
  ) {}

  @Get(NmPath.info)
  info(): NodeInfo {
    const { registeredWith } = this.containers;
    return {
      nodeId: this.node.id,
      registeredWith: registeredWith && { rmId: registeredWith.rmId, rmIdentifier: registeredWith.rmIdentifier },
      startedAtMs: this.node.startedAtMs,
      pid: process.pid,
      memoryMb: this.config.resource.memoryMb,
      vcores: this.config.resource.vcores,
      registrations: this.tracker.registrations,
      resyncs: this.tracker.resyncs,
      containers: this.containers.all().map((container) => container.report()),
    };
  }

  /** @throws YarnRequestError `YARN_NOT_FOUND` also for a file that another kind of name would reach */
  @Get(NmPath.output(':containerId', ':file').replace('%3A', ':'))
  async output(@Param('containerId') containerId: string, @Param('file') file: string): Promise<StreamableFile> {
    const directory = this.containers.outputOf(containerId);
    const missing = new YarnRequestError('YARN_NOT_FOUND', `${this.node.id} has no output ${file} of ${containerId}`);
    if (directory === null || !FILE_NAME.test(file) || /^\.+$/.test(file)) throw missing;
    const path = join(directory, file);
    await access(path, constants.R_OK).catch(() => {
      throw missing;
    });
    return new StreamableFile(createReadStream(path));
  }
}
