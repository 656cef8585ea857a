import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

/** Nest's injection reads decorator metadata, which only swc emits inside Vitest. */
const decorators = () =>
  swc.vite({
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });
const resolve = { conditions: ['@menagerie/source'] };
const ssr = { resolve };
const outside = ['**/node_modules/**', '**/dist/**'];

/** Whole services on ports and folders of their own that mostly wait for each other: several at a time. */
const patient = [
  ...[
    'apps',
    'test/chaos',
    'test/interop',
    'test/logs',
    'test/recipes',
    'test/conformance/src/operator',
    'infra/cli/src/demos',
  ],
  'infra/ensemble/src/runtime/net/strangers',
].map((folder) => `${folder}/**/*.{int,e2e}.spec.ts`);

/** `.spec` is pure and instant, `.sim.spec` a seeded cluster, `.int.spec` real sockets and disks, `.e2e.spec` whole services. */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [decorators()],
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['{libs,infra,apps}/**/src/**/*.spec.ts', 'test/**/*.spec.ts'],
          exclude: [...outside, '**/*.int.spec.ts', '**/*.e2e.spec.ts', '**/*.contract.spec.ts'],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [decorators()],
        resolve,
        ssr,
        test: {
          name: 'system',
          include: ['{libs,infra,apps}/**/src/**/*.{int,e2e}.spec.ts', 'test/**/*.{int,e2e}.spec.ts'],
          exclude: [...outside, ...patient],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [decorators()],
        resolve,
        ssr,
        test: {
          name: 'services',
          include: patient,
          exclude: outside,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // One suite, several times, each on servers of its own and mostly waiting: together, when the others are done.
        resolve,
        ssr,
        test: {
          name: 'contract',
          include: ['libs/**/src/**/*.contract.spec.ts'],
          exclude: outside,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
