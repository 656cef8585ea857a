/** Drives `crowd.c`: many sessions on one ensemble, idle or all watching one node. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { nativeProgram } from './native.js';

export interface CrowdOptions {
  readonly hosts: readonly string[];
  readonly sessions: number;
  /** Rounds of "everybody watches one node, one changes it". */
  readonly watchRounds?: number;
  readonly root?: string;
}

export interface WatchRound {
  /** From the sending of the change to the first and to the last watcher told. */
  readonly firstUs: number;
  readonly lastUs: number;
  readonly told: number;
}

export interface Crowd {
  /** From the first connection to the last session. */
  readonly connectedMs: number;
  readonly rounds: readonly WatchRound[];
  /** Lets all sessions go. Until then they stay, pinging every 3 s. */
  disperse(): Promise<void>;
}

/** @throws Error with the generator's own line when a server refused or forgot somebody. */
export async function gatherCrowd(options: CrowdOptions): Promise<Crowd> {
  const rounds = options.watchRounds ?? 0;
  const args = ['--hosts', options.hosts.join(','), '--sessions', String(options.sessions)];
  args.push('--root', options.root ?? '/bench', '--watch', String(rounds));
  const child = spawn(await nativeProgram('crowd'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const lines: unknown[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line));
    if (lines.length === 1 + rounds) break;
  }
  if (lines.length < 1 + rounds) throw new Error(complaint.trim() || 'the crowd ended early');
  const [connected, ...told] = lines as [{ connectedMs: number }, ...WatchRound[]];
  return {
    connectedMs: connected.connectedMs,
    rounds: told,
    disperse: async () => {
      const exited = child.exitCode === null ? once(child, 'exit') : null;
      child.stdin.end();
      await exited;
      if (child.exitCode !== 0) throw new Error(complaint.trim() || `the crowd ended with ${child.exitCode}`);
    },
  };
}
