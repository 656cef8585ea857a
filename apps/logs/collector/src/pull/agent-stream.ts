/** The connection to an agent: frames from an offset on, until somebody hangs up. */
import { get, type IncomingMessage } from 'node:http';
import { LogsError } from '@menagerie/logs-core';
import { type Frame, FrameDecoder } from '@menagerie/logs-protocol';

/** An agent says something at least once a second. */
const SILENT_MS = 5_000;
const MAX_ERROR_BYTES = 4_096;

/**
 * @param agent `host:port`
 * @throws LogsError `LOGS_AGENT_UNREACHABLE`, `LOGS_SOURCE_REFUSED`; FrameError when the bytes are not frames
 */
export async function* agentFrames(
  agent: string,
  source: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const response = await connect(agent, source, from, signal);
  const decoder = new FrameDecoder();
  try {
    for await (const piece of response) yield* decoder.push(piece as Buffer);
  } catch (error) {
    if (signal.aborted || (error as { code?: string }).code === 'LOGS_BAD_FRAME') throw error;
    throw unreachable(agent, error);
  } finally {
    response.destroy();
  }
}

async function connect(agent: string, source: string, from: number, signal: AbortSignal): Promise<IncomingMessage> {
  const url = `http://${agent}/sources/${encodeURIComponent(source)}/stream?from=${from}`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(url, { agent: false, signal }, resolve);
    request.setTimeout(SILENT_MS, () => request.destroy(new Error(`nothing heard for ${SILENT_MS} ms`)));
    request.on('error', (error) => reject(signal.aborted ? error : unreachable(agent, error)));
  });
  if (response.statusCode === 200) return response;
  const message = await firstBytes(response);
  throw new LogsError('LOGS_SOURCE_REFUSED', `${agent} answered ${response.statusCode}: ${message}`, true);
}

async function firstBytes(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response) {
    text += String(piece);
    if (text.length > MAX_ERROR_BYTES) break;
  }
  return text.slice(0, MAX_ERROR_BYTES);
}

function unreachable(agent: string, cause: unknown): LogsError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LogsError('LOGS_AGENT_UNREACHABLE', `agent ${agent}: ${why}`, true, { cause });
}
