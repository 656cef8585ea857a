/** The NodeManager's parts. */
import { Module } from '@nestjs/common';
import { YarnHttpModule } from '@menagerie/yarn-nest';
import { ContainerManager } from './container/container-manager.js';
import { ContainersController } from './http/containers.controller.js';
import { NodeController } from './http/node.controller.js';
import { NodeIdentity } from './node-identity.js';
import { NodeTracker } from './tracker/node-tracker.js';

@Module({
  imports: [YarnHttpModule],
  controllers: [ContainersController, NodeController],
  providers: [NodeIdentity, ContainerManager, NodeTracker],
})
export class AppModule {}
