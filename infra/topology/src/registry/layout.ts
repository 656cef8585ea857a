/** Where things lie below the data root. */
import { join } from 'node:path';

const RUN = 'run';
const LOGS = 'logs';

export const layout = {
  runDir: (dataRoot: string) => join(dataRoot, RUN),
  logsDir: (dataRoot: string) => join(dataRoot, LOGS),
  /** Who runs a process now, or ran it last. Written by its supervisor. */
  record: (dataRoot: string, id: string) => join(dataRoot, RUN, `${id}.json`),
  /** While it exists the supervisor does not start the process. Written by chaos. */
  down: (dataRoot: string, id: string) => join(dataRoot, RUN, `${id}.down`),
  /** While it exists the links of the process are cut. Written by chaos. */
  cut: (dataRoot: string, id: string) => join(dataRoot, RUN, `${id}.cut`),
  log: (dataRoot: string, id: string) => join(dataRoot, LOGS, `${id}.log`),
  supervisor: (dataRoot: string, group: string) => join(dataRoot, RUN, `supervisor.${group.replaceAll('/', '.')}.json`),
  /** The settings of the last start, for commands that are given none. */
  settings: (dataRoot: string) => join(dataRoot, RUN, 'settings.json'),
} as const;
