/** An empty project outside of the workspace, with the packed packages in it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const COMMAND_TIMEOUT_MS = 120_000;

/** What a project that uses TypeScript has anyway, at the versions of this repository. */
const TOOLS = ['typescript', '@types/node'] as const;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    outDir: 'out',
  },
};

export interface PublishedPackage {
  readonly name: string;
  readonly folder: string;
}

/** Every workspace that says of itself that it is published. */
export function publishedPackages(): readonly PublishedPackage[] {
  const folders = ['libs/zookeeper', 'infra'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name)),
  );
  return folders.flatMap((folder) => {
    const manifest = readManifest(folder);
    return manifest?.publishConfig === undefined ? [] : [{ name: manifest.name, folder }];
  });
}

interface Manifest {
  readonly name: string;
  readonly publishConfig?: object;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return null;
  }
}

export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'menagerie-consumer-'));

  /** Packs, and installs what came of it beside what else is asked for. */
  install(packages: readonly PublishedPackage[], others: readonly string[]): void {
    const tarballs = join(this.folder, 'tarballs');
    mkdirSync(tarballs);
    const workspaces = packages.flatMap(({ name }) => ['-w', name]);
    this.run('npm', ['pack', '--silent', '--pack-destination', tarballs, ...workspaces], ROOT);
    const { devDependencies = {} } = readManifest(ROOT)!;
    const tools = TOOLS.map((tool) => `${tool}@${devDependencies[tool]}`);
    const files = readdirSync(tarballs).map((file) => join(tarballs, file));
    this.write('package.json', JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }));
    this.write('tsconfig.json', JSON.stringify(TSCONFIG));
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    this.run('npm', ['install', ...quietly, ...files, ...tools, ...others]);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** @throws Error with all output when it fails. @returns its output */
  run(command: string, args: readonly string[], cwd = this.folder, env: NodeJS.ProcessEnv = {}): string {
    // Vitest's own settings are nobody else's business.
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS)/.test(name)),
    );
    const options = { cwd, env: { ...clean, ...env }, timeout: COMMAND_TIMEOUT_MS, encoding: 'utf8' } as const;
    const { status, stdout, stderr, error } = spawnSync(command, args, options);
    if (status === 0) return stdout + stderr;
    throw new Error(`${command} ${args.join(' ')} failed (${error?.message ?? status}):\n${stdout}\n${stderr}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
