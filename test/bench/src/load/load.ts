/** Drives the load generator (`load.c`), compiled on demand with the machine's C compiler. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { nativeProgram } from './native.js';

const exec = promisify(execFile);

/** The generator must not be what is measured: above this share of one core a result is refused. */
const MAX_LOAD_CPU_SHARE = 0.85;

let highestShare = 0;

/** Of one core, in this process' life: how near the generator came to being the bottleneck. */
export const highestLoadCpuShare = (): number => highestShare;

/** For a load that ends after a number of operations. */
const LIMITED_LOAD_MS = 180_000;

export interface LoadOptions {
  /** host:port of the servers; connections are dealt to them in turn. */
  readonly hosts: readonly string[];
  readonly op: 'get' | 'set' | 'create' | 'mix' | 'ping';
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly outstanding: number;
  /** Bytes of a value. */
  readonly size: number;
  readonly readPercent?: number;
  readonly warmupMs?: number;
  readonly measureMs?: number;
  /** Ends after so many operations instead of after `measureMs`. */
  readonly limit?: number;
  /** Processes of the servers, for `serverCpuUs`. */
  readonly pids?: readonly number[];
  readonly root?: string;
}

export interface LoadResult {
  readonly operations: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  /** CPU time of the generator itself over wall time: 1 is one whole core. */
  readonly loadCpuShare: number;
  /** User and system time of the servers over the operations measured, microseconds; 0 without `pids`. */
  readonly serverCpuUs: number;
}

async function run(args: string[], timeoutMs: number): Promise<LoadResult> {
  const { stdout } = await exec(await nativeProgram('load'), args, { timeout: timeoutMs });
  return JSON.parse(stdout) as LoadResult;
}

const flag = (name: string, value: string | number) => [`--${name}`, String(value)];

/** Creates the root node and 1,000 keys of `size` bytes; they may be there already. */
export async function prepare(hosts: readonly string[], size: number, root = '/bench'): Promise<void> {
  await run([...flag('hosts', hosts[0] ?? ''), ...flag('size', size), ...flag('root', root), '--prepare'], 70_000);
}

/** @throws Error when an operation fails, or when the generator itself was the bottleneck. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { warmupMs = 1000, measureMs = 3000, limit, pids = [] } = options;
  const result = await run(
    [
      ...flag('hosts', options.hosts.join(',')),
      ...flag('op', options.op),
      ...flag('connections', options.connections),
      ...flag('outstanding', options.outstanding),
      ...flag('size', options.size),
      ...flag('read-percent', options.readPercent ?? 70),
      ...flag('warmup-ms', warmupMs),
      ...flag('measure-ms', measureMs),
      ...flag('root', options.root ?? '/bench'),
      ...(limit === undefined ? [] : flag('limit', limit)),
      ...(pids.length === 0 ? [] : flag('pids', pids.join(','))),
    ],
    warmupMs + (limit === undefined ? measureMs : LIMITED_LOAD_MS) + 30_000,
  );
  highestShare = Math.max(highestShare, result.loadCpuShare);
  if (result.loadCpuShare > MAX_LOAD_CPU_SHARE) {
    throw new Error(`the load generator used ${result.loadCpuShare} of a core: it, not the server, set the pace`);
  }
  return result;
}
