/**
 * The states an application, an attempt, a container and a node can be in, under YARN's own names, with the numbers
 * they have in the state store.
 *
 * Sources: `RMAppStateProto` and `RMAppAttemptStateProto` (yarn_server_resourcemanager_recovery.proto), `RMAppState`,
 * `RMAppAttemptState`, `YarnApplicationState`, `NodeState`, `ContainerExitStatus`.
 */

/** An application inside the ResourceManager. Only the last three are ever stored. */
export const RmAppState = {
  New: 'NEW',
  NewSaving: 'NEW_SAVING',
  Submitted: 'SUBMITTED',
  Accepted: 'ACCEPTED',
  Running: 'RUNNING',
  Killing: 'KILLING',
  FinalSaving: 'FINAL_SAVING',
  Finishing: 'FINISHING',
  Finished: 'FINISHED',
  Failed: 'FAILED',
  Killed: 'KILLED',
} as const;
export type RmAppState = (typeof RmAppState)[keyof typeof RmAppState];

export const RmAttemptState = {
  New: 'NEW',
  Submitted: 'SUBMITTED',
  Scheduled: 'SCHEDULED',
  AllocatedSaving: 'ALLOCATED_SAVING',
  Allocated: 'ALLOCATED',
  Launched: 'LAUNCHED',
  Running: 'RUNNING',
  FinalSaving: 'FINAL_SAVING',
  Finishing: 'FINISHING',
  Finished: 'FINISHED',
  Failed: 'FAILED',
  Killed: 'KILLED',
} as const;
export type RmAttemptState = (typeof RmAttemptState)[keyof typeof RmAttemptState];

/** What a client is told (`YarnApplicationState`): saving and finishing are the ResourceManager's own business. */
export const ApplicationState = {
  New: 'NEW',
  NewSaving: 'NEW_SAVING',
  Submitted: 'SUBMITTED',
  Accepted: 'ACCEPTED',
  Running: 'RUNNING',
  Finished: 'FINISHED',
  Failed: 'FAILED',
  Killed: 'KILLED',
} as const;
export type ApplicationState = (typeof ApplicationState)[keyof typeof ApplicationState];

/** How the master itself judged its work. */
export const FinalStatus = {
  Undefined: 'UNDEFINED',
  Succeeded: 'SUCCEEDED',
  Failed: 'FAILED',
  Killed: 'KILLED',
} as const;
export type FinalStatus = (typeof FinalStatus)[keyof typeof FinalStatus];

export const NodeState = {
  Running: 'RUNNING',
  Lost: 'LOST',
  Shutdown: 'SHUTDOWN',
  Rebooted: 'REBOOTED',
} as const;
export type NodeState = (typeof NodeState)[keyof typeof NodeState];

export const ContainerState = { New: 'NEW', Running: 'RUNNING', Complete: 'COMPLETE' } as const;
export type ContainerState = (typeof ContainerState)[keyof typeof ContainerState];

export const HaState = {
  Initializing: 'INITIALIZING',
  Active: 'ACTIVE',
  Standby: 'STANDBY',
  Stopping: 'STOPPING',
} as const;
export type HaState = (typeof HaState)[keyof typeof HaState];

/**
 * Why a container ended, when it was not by its own exit code (0 to 255; 128 + n for signal n).
 * `ExceededTime` is ours: YARN limits the time of an application, not of one container.
 */
export const ContainerExitStatus = {
  Success: 0,
  Invalid: -1000,
  Aborted: -100,
  DisksFailed: -101,
  Preempted: -102,
  ExceededVirtualMemory: -103,
  ExceededPhysicalMemory: -104,
  KilledByMaster: -105,
  KilledByResourceManager: -106,
  KilledAfterApplication: -107,
  LaunchFailed: -1001,
  ExceededTime: -1002,
} as const;

/** Ends that say nothing about the program: they do not count against its attempts (RMAppAttemptImpl, YARN-614). */
export function isFrameworkFault(exitStatus: number): boolean {
  return (
    exitStatus === ContainerExitStatus.Aborted ||
    exitStatus === ContainerExitStatus.DisksFailed ||
    exitStatus === ContainerExitStatus.Preempted ||
    exitStatus === ContainerExitStatus.KilledByResourceManager
  );
}

export function isFinalAppState(state: RmAppState): boolean {
  return state === RmAppState.Finished || state === RmAppState.Failed || state === RmAppState.Killed;
}

export function isFinalAttemptState(state: RmAttemptState): boolean {
  return state === RmAttemptState.Finished || state === RmAttemptState.Failed || state === RmAttemptState.Killed;
}

/**
 * What a client sees (`RMServerUtils.createApplicationState`): saving and killing show as what was before them, and an
 * application whose end is stored shows as finished while its master still goes.
 */
export function clientStateOf(state: RmAppState, before: ApplicationState): ApplicationState {
  switch (state) {
    case RmAppState.FinalSaving:
    case RmAppState.Killing:
      return before;
    case RmAppState.Finishing:
      return ApplicationState.Finished;
    default:
      return state;
  }
}
