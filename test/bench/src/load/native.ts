/** Compiles the C programs of this package on demand with the machine's C compiler. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const packageRoot = join(import.meta.dirname, '../..');

/** @returns the path of the program made from `src/load/<name>.c`, compiled again when its source is newer. */
export async function nativeProgram(name: 'load' | 'crowd'): Promise<string> {
  const source = join(packageRoot, 'src', 'load', `${name}.c`);
  const binary = join(packageRoot, 'dist', 'native', name);
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(dirname(binary), { recursive: true });
    await promisify(execFile)('cc', ['-O2', '-o', binary, source]);
  }
  return binary;
}
