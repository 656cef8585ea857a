import { Module } from '@nestjs/common';
import { ContainerManager } from './container/container-manager.js';
import { ContainersController } from './http/containers.controller.js';
import { NodeController } from './http/node.controller.js';
import { NodeIdentity } from './node-identity.js';
import { NodeTracker } from './tracker/node-tracker.js';

@Module({
  controllers: [ContainersController, NodeController],
  providers: [NodeIdentity, ContainerManager, NodeTracker],
})
export class AppModule {}
