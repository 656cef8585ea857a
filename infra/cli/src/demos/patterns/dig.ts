/** The `dig` of BIND, as a stranger to our own codec. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CliError } from '../../errors.js';

export interface DigAnswer {
  /** `NOERROR`, `NXDOMAIN`, `FORMERR`, ... */
  readonly status: string;
  /** Of the answer section, without name, TTL and class. */
  readonly records: readonly string[];
}

/** @throws CliError when there is no `dig`, or no answer */
export async function dig(port: number, name: string, type: string, ...more: string[]): Promise<DigAnswer> {
  const args = ['@127.0.0.1', '-p', String(port), '+time=2', '+tries=2', '+noall', '+comments', '+answer', ...more];
  try {
    const { stdout } = await promisify(execFile)('dig', [...args, name, type]);
    const status = /status: (\w+)/.exec(stdout)?.[1] ?? 'none';
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
    return { status, records: lines.map((line) => line.split(/\s+/).slice(4).join(' ')).sort() };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? 'expected dig (apt-get install bind9-dnsutils)' : `dig: ${String(error)}`;
    throw new CliError('CLI_DIG', why);
  }
}
