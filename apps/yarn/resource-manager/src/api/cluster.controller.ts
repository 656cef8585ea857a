/** Who this ResourceManager is; its nodes and numbers. Standbys answer `info` too. */
import { Controller, Get } from '@nestjs/common';
import { ResourceManager } from '../manager/resource-manager.js';

@Controller('ws/v1/cluster')
export class ClusterController {
  constructor(private readonly rm: ResourceManager) {}

  @Get(['', 'info'])
  info() {
    return { clusterInfo: this.rm.info() };
  }

  @Get('metrics')
  metrics() {
    return { clusterMetrics: this.rm.active.services.metrics() };
  }

  @Get('nodes')
  nodes() {
    return { nodes: { node: this.rm.active.services.nodeReports() } };
  }
}
