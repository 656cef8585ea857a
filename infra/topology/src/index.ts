/** One declaration of the running system, and the launcher that starts it. */
export { logsIncomingDir, logsSinkDir } from './declare/logs.js';
export * from './declare/menagerie.js';
export type * from './declare/model.js';
export * from './declare/names.js';
export * from './declare/plan.js';
export * from './declare/settings.js';
export * from './errors.js';
export { launch, type LaunchOptions } from './launch/launch.js';
export { fourLetterWord } from './probe/four-letter-word.js';
export { probe, type ProbeResult } from './probe/probe.js';
export { probeGroup, waitFor, type WaitOptions } from './probe/wait-for.js';
export { layout } from './registry/layout.js';
export { identify, isAlive, isPaused, signalProcess, type ProcessIdentity } from './registry/process-identity.js';
export { Registry, type ProcessRecord, type SupervisorRecord } from './registry/registry.js';
export { launcherEnvironment } from './supervisor/launcher-watch.js';
export { Supervisor, type SupervisorOptions } from './supervisor/supervisor.js';
