/** Asks one process whether it is well, in the way its group declares. */
import type { ProcessPlan } from '../declare/plan.js';
import { fourLetterWord } from './four-letter-word.js';

export type ProbeResult = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

const PROBE_TIMEOUT_MS = 3_000;

/** Never throws: not being able to ask is an answer too. */
export async function probe(process: Pick<ProcessPlan, 'host' | 'ports' | 'probe'>): Promise<ProbeResult> {
  const port = process.ports[process.probe.port] ?? 0;
  try {
    switch (process.probe.kind) {
      case 'zookeeper':
        return await probeZooKeeper(process.host, port);
      case 'http': {
        const url = `http://${process.host}:${port}${process.probe.path}`;
        const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
        await response.arrayBuffer();
        return response.ok ? { healthy: true } : { healthy: false, reason: `${url} answers ${response.status}` };
      }
    }
  } catch (error) {
    return { healthy: false, reason: describeFailure(error) };
  }
}

/** A server that looks for a leader answers `srvr` too, but says that it does not serve. */
export async function probeZooKeeper(host: string, port: number): Promise<ProbeResult> {
  const answer = await fourLetterWord(host, port, 'srvr', PROBE_TIMEOUT_MS);
  if (/^Mode: \w+/m.test(answer)) return { healthy: true };
  const [first = ''] = answer.split('\n');
  return { healthy: false, reason: `${host}:${port} says ${JSON.stringify(first)}` };
}

/** fetch hides the system's error one level down. */
function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
