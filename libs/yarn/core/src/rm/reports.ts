/** What people see of applications, nodes and the cluster, in the words of YARN's web services. */
import {
  type ApplicationReport,
  type AttemptReport,
  type ClusterMetrics,
  FinalStatus,
  NO_RESOURCE,
  type NodeReport,
  NodeState,
  type Resource,
  addResources,
  subtractResources,
} from '@menagerie/yarn-protocol';
import type { Application } from './application.js';
import type { Attempt } from './attempt.js';
import type { RmContext } from './context.js';

export function applicationReport(context: RmContext, application: Application, nowMs: number): ApplicationReport {
  const { attempt } = application;
  const live = [...(context.scheduler.app(application.id)?.containers.values() ?? [])];
  const allocated = live.reduce<Resource>((sum, one) => addResources(sum, one.resource), NO_RESOURCE);
  const sum = (field: 'memorySeconds' | 'vcoreSeconds') =>
    Math.round(application.attempts.reduce((total, one) => total + one[field], 0));
  return {
    id: application.id,
    user: application.user,
    name: application.context.name,
    queue: application.context.queue,
    state: application.clientState,
    rmState: application.state,
    finalStatus: finalStatusOf(application),
    progress: application.clientState === 'FINISHED' ? 100 : (attempt?.progress ?? 0) * 100,
    trackingUrl: attempt?.trackingUrl ?? '',
    diagnostics: application.diagnostics,
    clusterId: context.life.clusterTimestampMs,
    applicationType: application.context.applicationType,
    priority: application.context.priority,
    startedTime: application.startTimeMs,
    finishedTime: application.finishTimeMs,
    elapsedTime: (application.finishTimeMs === 0 ? nowMs : application.finishTimeMs) - application.startTimeMs,
    amHostHttpAddress: attempt?.masterContainer?.nodeHttpAddress ?? '',
    currentAttemptId: attempt?.attemptId ?? null,
    allocatedMB: allocated.memoryMb,
    allocatedVCores: allocated.vcores,
    runningContainers: live.length,
    memorySeconds: sum('memorySeconds'),
    vcoreSeconds: sum('vcoreSeconds'),
    counters: { ...attempt?.counters },
    attempts: application.attempts.map(attemptReport),
  };
}

function finalStatusOf(application: Application): FinalStatus {
  if (application.target === null && !application.isOver) return FinalStatus.Undefined;
  const end = application.isOver ? application.state : application.target;
  if (end === 'KILLED') return FinalStatus.Killed;
  if (end === 'FAILED') return FinalStatus.Failed;
  return application.attempt?.finalStatus ?? FinalStatus.Undefined;
}

function attemptReport(attempt: Attempt): AttemptReport {
  return {
    appAttemptId: attempt.attemptId,
    attemptState: attempt.state,
    containerId: attempt.masterContainer?.containerId ?? null,
    nodeId: attempt.masterContainer?.nodeId ?? null,
    nodeHttpAddress: attempt.masterContainer?.nodeHttpAddress ?? null,
    startTime: attempt.startTimeMs,
    finishedTime: attempt.finishTimeMs,
    exitStatus: attempt.exitStatus,
    diagnostics: attempt.diagnostics,
  };
}

export function nodeReports(context: RmContext): readonly NodeReport[] {
  return [...context.nodes.values()].map((node) => {
    const scheduled = node.state === NodeState.Running ? context.scheduler.nodes.get(node.nodeId) : undefined;
    const used = scheduled?.used ?? NO_RESOURCE;
    const free = scheduled ? subtractResources(scheduled.total, used) : NO_RESOURCE;
    return {
      id: node.nodeId,
      state: node.state,
      nodeHTTPAddress: node.httpAddress,
      lastHealthUpdate: node.lastHeardMs,
      numContainers: scheduled?.containers.size ?? 0,
      usedMemoryMB: used.memoryMb,
      availMemoryMB: free.memoryMb,
      usedVirtualCores: used.vcores,
      availableVirtualCores: free.vcores,
    };
  });
}

export function clusterMetrics(context: RmContext): ClusterMetrics {
  const applications = [...context.applications.values()];
  const count = (...states: string[]) => applications.filter((one) => states.includes(one.clientState)).length;
  const nodes = (state: NodeState) => [...context.nodes.values()].filter((one) => one.state === state).length;
  const total = context.scheduler.clusterResource;
  const used = context.scheduler.usedResource;
  return {
    appsSubmitted: applications.length,
    appsRunning: count('RUNNING'),
    appsPending: count('NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED'),
    appsCompleted: count('FINISHED'),
    appsFailed: count('FAILED'),
    appsKilled: count('KILLED'),
    totalMB: total.memoryMb,
    allocatedMB: used.memoryMb,
    availableMB: total.memoryMb - used.memoryMb,
    totalVirtualCores: total.vcores,
    allocatedVirtualCores: used.vcores,
    availableVirtualCores: total.vcores - used.vcores,
    containersAllocated: context.scheduler.containerCount,
    activeNodes: nodes(NodeState.Running),
    lostNodes: nodes(NodeState.Lost),
  };
}
