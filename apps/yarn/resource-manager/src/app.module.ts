/** The ResourceManager's parts. */
import { Module } from '@nestjs/common';
import { YarnHttpModule } from '@menagerie/yarn-nest';
import { ApplicationMasterController } from './api/application-master.controller.js';
import { ApplicationsController } from './api/applications.controller.js';
import { ClusterController } from './api/cluster.controller.js';
import { ResourceTrackerController } from './api/resource-tracker.controller.js';
import { ResourceManager } from './manager/resource-manager.js';
import { RmMetrics } from './manager/rm-metrics.js';

@Module({
  imports: [YarnHttpModule],
  controllers: [ClusterController, ApplicationsController, ResourceTrackerController, ApplicationMasterController],
  providers: [ResourceManager, RmMetrics],
})
export class AppModule {}
