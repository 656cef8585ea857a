/** One client in a process of its own: keeps so many calls under way for a while, and prints what that came to. */
import { connectContestant, type ContestantName, type Op } from './contestants.js';

export interface Job {
  readonly contestant: ContestantName;
  readonly address: string;
  readonly packageFolder: string;
  readonly op: Op;
  readonly outstanding: number;
  readonly sizeBytes: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

export interface JobResult {
  readonly callsPerSecond: number;
  readonly cpuUsPerCall: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const MAX_SAMPLES = 2_000_000;
const PATH = '/bench-client';

const job = JSON.parse(process.argv[2]!) as Job;
const client = await connectContestant(job.contestant, job.address, job.packageFolder);
const data = Buffer.alloc(job.sizeBytes, 'x');

/** Latencies in microseconds of what ended between the two moments. */
async function load(forMs: number, record: boolean): Promise<{ calls: number; samples: Float64Array }> {
  const samples = new Float64Array(record ? MAX_SAMPLES : 0);
  const endsAt = performance.now() + forMs;
  let calls = 0;
  let open = 0;
  await new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const startedAt = performance.now();
      open += 1;
      client.run(job.op, PATH, data, (error) => {
        if (error !== null && error !== undefined) return reject(error as Error);
        const now = performance.now();
        if (calls < samples.length) samples[calls] = (now - startedAt) * 1000;
        calls += 1;
        open -= 1;
        if (now < endsAt) next();
        else if (open === 0) resolve();
      });
    };
    for (let i = 0; i < job.outstanding; i += 1) next();
  });
  return { calls, samples: samples.subarray(0, Math.min(calls, samples.length)) };
}

await load(job.warmupMs, false);
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const { calls, samples } = await load(job.measureMs, true);
const elapsedMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpuBefore);
samples.sort();
const at = (share: number): number => samples[Math.min(samples.length - 1, Math.floor(share * samples.length))]!;
const result: JobResult = {
  callsPerSecond: (calls / elapsedMs) * 1000,
  cpuUsPerCall: (user + system) / calls,
  p50Us: at(0.5),
  p99Us: at(0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await client.close();
process.exit(0);
