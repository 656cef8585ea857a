/** What the active services need to be told, under YARN's defaults. */
import type { SchedulerConfig } from '../scheduler/scheduler.js';

export interface RmConfig {
  readonly scheduler: SchedulerConfig;
  /** `yarn.resourcemanager.am.max-attempts`: a submission may ask for fewer, not for more. */
  readonly maxAttempts: number;
  /** `yarn.nm.liveness-monitor.expiry-interval-ms` */
  readonly nodeExpiryMs: number;
  /** `yarn.am.liveness-monitor.expiry-interval-ms` */
  readonly masterExpiryMs: number;
  /** `yarn.resourcemanager.rm.container-allocation.expiry-interval-ms` */
  readonly grantExpiryMs: number;
  /** `yarn.resourcemanager.nodemanagers.heartbeat-interval-ms` */
  readonly heartbeatIntervalMs: number;
  /** `yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms`: nothing new is given until nodes had time to report. */
  readonly schedulingWaitMs: number;
  /** `yarn.resourcemanager.max-completed-applications`: older ones are forgotten, in the store too. */
  readonly maxCompletedApplications: number;
  /** `yarn.scheduler.capacity.maximum-applications`: not yet over. */
  readonly maxApplications: number;
}

export const defaultRmConfig: RmConfig = {
  scheduler: {
    queues: [{ name: 'default', capacityPercent: 100, maximumPercent: 100 }],
    maximumAllocation: { memoryMb: 8_192, vcores: 4 },
    assignmentsPerHeartbeat: 2,
    mastersPercent: 50,
  },
  maxAttempts: 2,
  nodeExpiryMs: 600_000,
  masterExpiryMs: 600_000,
  grantExpiryMs: 600_000,
  heartbeatIntervalMs: 1_000,
  schedulingWaitMs: 10_000,
  maxCompletedApplications: 1_000,
  maxApplications: 10_000,
};
