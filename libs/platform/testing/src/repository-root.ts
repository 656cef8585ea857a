import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder above this package that has the applications in it. */
export function repositoryRoot(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'apps')) && existsSync(join(folder, 'nx.json'))) return folder;
  }
  throw new Error('the repository is not above this package');
}
