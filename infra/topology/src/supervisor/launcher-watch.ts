/** Notices that whoever started this supervisor is gone, so that `kill -9` of Nx or `npm start` leaves nothing behind. */
import { identify, isAlive, type ProcessIdentity } from '../registry/process-identity.js';

/** Carries the identity of `npm start` through Nx to the supervisors, as `pid startTime`. */
export const LAUNCHER_VARIABLE = 'MENAGERIE_LAUNCHER';

const EVERY_MS = 500;

export function launcherEnvironment(): Record<string, string> {
  const self = identify(process.pid);
  return self === undefined ? {} : { [LAUNCHER_VARIABLE]: `${self.pid} ${self.startTime}` };
}

/** Calls `onGone` once, when the parent process or the launcher named in the environment has ended. */
export function watchLauncher(environment: NodeJS.ProcessEnv, onGone: (who: string) => void): void {
  const parent = process.ppid;
  const [pid = '', startTime = ''] = environment[LAUNCHER_VARIABLE]?.split(' ') ?? [];
  const launcher: ProcessIdentity | undefined = pid === '' ? undefined : { pid: Number(pid), startTime };
  const timer = setInterval(() => {
    const gone = launcher !== undefined && !isAlive(launcher) ? 'the launcher' : 'the parent process';
    if (process.ppid === parent && gone === 'the parent process') return;
    clearInterval(timer);
    onGone(gone);
  }, EVERY_MS);
  timer.unref();
}
