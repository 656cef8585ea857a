/** The shell at a terminal, or fed by a pipe: lines in, answers out, a history that outlives it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { CliContext } from '../context.js';
import { errorLine } from './print.js';
import { complete, runLine } from './shell.js';
import type { ShellSession } from './shell-session.js';

const HISTORY_LINES = 1000;

export async function interact(
  session: ShellSession,
  { output, signal }: CliContext,
  historyFile: string,
): Promise<void> {
  const isTerminal = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal ? { output: process.stdout, history: readHistory(historyFile).reverse() } : {}),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    completer: (line: string, callback: (error: Error | null, found: [string[], string]) => void) =>
      void complete(session, line).then((found) => callback(null, found)),
  });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  const kept: string[] = [];
  if (isTerminal) output.line('Welcome to ZooKeeper! help tells the commands, tab completes, quit leaves.');
  const prompt = (): void => {
    if (!isTerminal) return;
    const place = session.isConnected ? `${session.connectString}(CONNECTED)` : '(CLOSED)';
    lines.setPrompt(`[zk: ${place} ${session.history.length}] `);
    lines.prompt();
  };
  prompt();
  for await (const line of lines) {
    try {
      await runLine(session, line);
    } catch (error) {
      output.line(errorLine(error));
    }
    // What authenticates somebody stays out of files.
    if (line.trim() !== '' && !/^\s*addauth\b/.test(line)) kept.push(line);
    if (session.isOver) break;
    prompt();
  }
  lines.close();
  if (isTerminal) writeHistory(historyFile, [...readHistory(historyFile), ...kept].slice(-HISTORY_LINES));
}

/** Oldest first. */
function readHistory(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

function writeHistory(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}
