/** How the machine is, as the operating system says. */
import { statfsSync } from 'node:fs';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';

export interface Figures {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
}

export function measure(folder: string): Figures {
  const { blocks, bavail } = statfsSync(folder);
  const share = (value: number) => Math.round(value * 1_000) / 1_000;
  return {
    cpu: share((loadavg()[0] ?? 0) / availableParallelism()),
    memory: share(1 - freemem() / totalmem()),
    disk: share(blocks === 0 ? 0 : 1 - bavail / blocks),
  };
}
