import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { YarnClient } from '@menagerie/yarn-client';
import type { SubmitRequest } from '@menagerie/yarn-protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { UsageError } from '../errors.js';
import { submitWordCount } from './word-count.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'menagerie-cli-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Answers as an active ResourceManager with one small node does. */
function yarnOf(submitted: SubmitRequest[]) {
  const newApplication = () =>
    Promise.resolve({ applicationId: 'application_1_0001', maximumResource: { memoryMb: 512, vcores: 2 } });
  const submit = (request: SubmitRequest) => {
    submitted.push(request);
    return Promise.resolve({});
  };
  return { newApplication, submit } as unknown as YarnClient;
}

const submit = (options: Partial<Parameters<typeof submitWordCount>[1]>, submitted: SubmitRequest[] = []) =>
  submitWordCount(
    yarnOf(submitted),
    { input: folder, queue: 'default', ...options },
    { root: '/repository', dataRoot: join(folder, 'data'), signal: new AbortController().signal },
  );

describe('yarn submit wordcount', () => {
  it('hands the job over, with a place for its result', async () => {
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'a.txt'), 'words');
    const submitted: SubmitRequest[] = [];
    const { output } = await submit({ mapMemory: 300, splitDelayMs: 5 }, submitted);
    expect(output).toBe(join(folder, 'data', 'yarn', 'output', 'application_1_0001'));
    const [request] = submitted;
    expect(request?.context.master.command.at(-1)).toBe('/repository/apps/yarn/wordcount/dist/master/main.js');
    const settings = JSON.parse(Object.values(request?.context.master.environment ?? {})[0] ?? '{}') as object;
    expect(settings).toMatchObject({ input: folder, output, mapMemoryMb: 300, splitPaceMs: 5, reducers: 2 });
  });

  it.each([
    [
      'a folder that is not there',
      () => ({ input: join(folder, 'none') }),
      /expected a folder of text files, found nothing/,
    ],
    ['a file', () => ({ input: join(folder, 'a.txt') }), /expected a folder of text files, found a file/],
    ['a folder without text', () => ({ input: join(folder, 'empty') }), /expected a folder of text files, found none/],
    ['a finished result', () => ({ output: join(folder, 'result') }), /holds a finished result already/],
    ['an output with something in it', () => ({ output: folder }), /expected a folder that is new or empty/],
    ['an output that is a file', () => ({ output: join(folder, 'a.txt') }), /found a file/],
    [
      'more memory than any node has',
      () => ({ mapMemory: 513 }),
      /--map-memory 513: no node .* more than 512 MB, 2 vcores/,
    ],
    ['a master larger than any node', () => ({ masterMemory: 9_999 }), /--master-memory 9999: no node/],
  ])('refuses %s in one line, and submits nothing', async (_, options, message) => {
    writeFileSync(join(folder, 'a.txt'), 'words');
    mkdirSync(join(folder, 'empty', 'node_modules'), { recursive: true });
    writeFileSync(join(folder, 'empty', 'node_modules', 'b.txt'), 'not counted');
    mkdirSync(join(folder, 'result'));
    writeFileSync(join(folder, 'result', '_SUCCESS'), '');
    const submitted: SubmitRequest[] = [];
    const refused = await submit(options(), submitted).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as UsageError).message).toMatch(message);
    expect((refused as UsageError).message).not.toContain('\n');
    expect(submitted).toEqual([]);
  });
});
