/** Lints small violations as if they stood in the tree: a boundary that refuses nothing would be a defect. */
import { ESLint } from 'eslint';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const eslint = new ESLint({ cwd: root });

/** @returns the rules that fire when `code` stands in `file` (a path from the root). */
async function rulesBroken(file: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, file) });
  return (result?.messages ?? []).map((message) => message.ruleId);
}

const NX_RULE = '@nx/enforce-module-boundaries';

describe('the boundaries of the house', () => {
  it.each([
    ['a socket', `import { connect } from 'node:net'; connect(1);`, 'no-restricted-imports'],
    ['a file', `import { readFileSync } from 'fs'; readFileSync('x');`, 'no-restricted-imports'],
    ['a timer', `setTimeout(() => undefined, 1);`, 'no-restricted-globals'],
    ['the wall clock', `export const now = Date.now();`, 'no-restricted-properties'],
    ['chance', `export const dice = Math.random();`, 'no-restricted-properties'],
  ])('%s is refused in protocol and core code', async (_what, code, rule) => {
    for (const file of [
      'libs/zookeeper/protocol/src/violation.ts',
      'libs/yarn/core/src/violation.ts',
      'infra/ensemble/src/core/violation.ts',
    ]) {
      expect(await rulesBroken(file, code), file).toContain(rule);
    }
  });

  it('the same code is welcome in a runtime', async () => {
    const code = `import { connect } from 'node:net'; connect(1); setTimeout(() => undefined, 1);`;
    expect(await rulesBroken('infra/ensemble/src/runtime/violation.ts', code)).toEqual([]);
  });

  it.each([
    ['a protocol library that reaches a service', 'libs/zookeeper/protocol/src/violation.ts', '@menagerie/service'],
    ['a client that reaches the server', 'libs/zookeeper/client/src/violation.ts', '@menagerie/ensemble'],
    ['an app that reaches the test kit', 'apps/yarn/node-manager/src/violation.ts', '@menagerie/zookeeper-testing'],
    ['an app that reaches another app', 'apps/yarn/resource-manager/src/violation.ts', '@menagerie/yarn-node-manager'],
    ['the ensemble reaching into a system', 'infra/ensemble/src/runtime/violation.ts', '@menagerie/yarn-protocol'],
  ])('%s is refused', async (_what, file, target) => {
    expect(await rulesBroken(file, `import * as target from '${target}'; export { target };`)).toContain(NX_RULE);
  });

  it('an app may use the client', async () => {
    const code = `import * as client from '@menagerie/zookeeper-client'; export { client };`;
    expect(await rulesBroken('apps/yarn/node-manager/src/violation.ts', code)).not.toContain(NX_RULE);
  });
});
