// Boundaries are part of the design (docs/decisions/0002-boundaries.md): what a project may reach follows from its tags.
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// Without a project graph at hand the boundary rule lets everything pass and only prints a warning.
process.env.NX_DAEMON ??= 'false';
await createProjectGraphAsync({ exitOnError: true });

/** Pure code decides; it never touches a socket, a file, a clock or chance. */
const pureFiles = [
  'libs/*/protocol/src/**/*.ts',
  'libs/*/core/src/**/*.ts',
  'libs/dubbo/{url,cluster}/src/**/*.ts',
  'infra/ensemble/src/core/**/*.ts',
];
const impureModules = [
  'net',
  'fs',
  'fs/promises',
  'tls',
  'http',
  'https',
  'http2',
  'dgram',
  'dns',
  'child_process',
  'worker_threads',
  'timers',
  'timers/promises',
  'os',
  'cluster',
  'perf_hooks',
];
const impureGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'performance'];

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '.nx', '.data', 'test/boundaries/violations'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    files: ['libs/**/*.ts', 'infra/**/*.ts', 'apps/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          enforceBuildableLibDependency: false,
          depConstraints: [
            { sourceTag: 'type:protocol', onlyDependOnLibsWithTags: ['type:protocol', 'type:util'] },
            { sourceTag: 'type:core', onlyDependOnLibsWithTags: ['type:core', 'type:protocol', 'type:util'] },
            {
              sourceTag: 'type:client',
              onlyDependOnLibsWithTags: ['type:client', 'type:protocol', 'type:core', 'type:util'],
            },
            {
              sourceTag: 'type:recipes',
              onlyDependOnLibsWithTags: ['type:client', 'type:recipes', 'type:core', 'type:protocol', 'type:util'],
            },
            {
              sourceTag: 'type:nest',
              onlyDependOnLibsWithTags: [
                'type:nest',
                'type:client',
                'type:recipes',
                'type:service',
                'type:runtime',
                'type:core',
                'type:protocol',
                'type:util',
              ],
            },
            { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:service', 'type:util'] },
            {
              sourceTag: 'type:runtime',
              onlyDependOnLibsWithTags: ['type:core', 'type:protocol', 'type:util', 'type:runtime'],
            },
            {
              sourceTag: 'type:infra',
              onlyDependOnLibsWithTags: [
                'type:infra',
                'type:client',
                'type:recipes',
                'type:protocol',
                'type:core',
                'type:runtime',
                'type:service',
                'type:util',
              ],
            },
            // Run in the repository and nowhere else: its demos may have an ensemble of their own (decision 30).
            {
              sourceTag: 'type:tool',
              onlyDependOnLibsWithTags: [
                'type:infra',
                'type:client',
                'type:recipes',
                'type:protocol',
                'type:core',
                'type:runtime',
                'type:service',
                'type:testing',
                'type:util',
              ],
            },
            {
              sourceTag: 'type:testing',
              onlyDependOnLibsWithTags: [
                'type:testing',
                'type:client',
                'type:recipes',
                'type:protocol',
                'type:core',
                'type:runtime',
                'type:infra',
                'type:util',
              ],
            },
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: [
                'type:client',
                'type:recipes',
                'type:nest',
                'type:service',
                'type:core',
                'type:protocol',
                'type:runtime',
                'type:util',
              ],
            },
            // Another scope is reached through its client, recipes, Nest module or protocol, never through its insides.
            { sourceTag: 'scope:zookeeper', onlyDependOnLibsWithTags: ['scope:zookeeper', 'scope:platform'] },
            {
              sourceTag: 'scope:kafka',
              onlyDependOnLibsWithTags: ['scope:kafka', 'scope:zookeeper', 'scope:platform'],
            },
            { sourceTag: 'scope:yarn', onlyDependOnLibsWithTags: ['scope:yarn', 'scope:zookeeper', 'scope:platform'] },
            {
              sourceTag: 'scope:dubbo',
              onlyDependOnLibsWithTags: ['scope:dubbo', 'scope:zookeeper', 'scope:platform'],
            },
            {
              sourceTag: 'scope:replicator',
              onlyDependOnLibsWithTags: ['scope:replicator', 'scope:zookeeper', 'scope:platform'],
            },
            { sourceTag: 'scope:logs', onlyDependOnLibsWithTags: ['scope:logs', 'scope:zookeeper', 'scope:platform'] },
            {
              sourceTag: 'scope:hbase',
              onlyDependOnLibsWithTags: ['scope:hbase', 'scope:zookeeper', 'scope:platform'],
            },
          ],
        },
      ],
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: pureFiles,
    ignores: ['**/*.spec.ts', '**/__fixtures__/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: impureModules
            .flatMap((name) => [name, `node:${name}`])
            .map((name) => ({
              name,
              message: 'protocol and core code is pure: take sockets, files and clocks as arguments',
            })),
        },
      ],
      'no-restricted-globals': [
        'error',
        ...impureGlobals.map((name) => ({ name, message: 'protocol and core code is pure: time is an argument' })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'randomness is an argument' },
        { object: 'Date', property: 'now', message: 'time is an argument' },
        { object: 'process', property: 'hrtime', message: 'time is an argument' },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/__fixtures__/**/*.ts', 'libs/*/testing/**/*.ts', 'test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  prettier,
);
