/**
 * Puts the compiled server into one file, behind it what V8 made of it, so that `bin/zk-server` starts in a third of the
 * time that 250 modules take: `node infra/ensemble/bundle.mjs`, after `tsc -b`. Part of `npm run build`.
 *
 *   file = length of the source (8 bytes, big-endian), source (a function of CommonJS, ASCII), V8's code cache
 *
 * In one file because V8 recognizes a source by its length alone: source and cache must never be of different builds.
 */
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { bundleFile, compiledBundle, isFresh } from './bundle-file.cjs';

if (!isFresh()) {
  const startedAtMs = Date.now();
  const build = await rolldown({
    input: join(import.meta.dirname, 'dist/index.js'),
    platform: 'node',
    external: [/^node:/, 'node-forge'],
    logLevel: 'warn',
  });
  // Without comments and white space, which would stay in memory; with the names, which are in stacks.
  const minify = { mangle: false, compress: false, codegen: { removeWhitespace: true } };
  const { output } = await build.generate({ format: 'cjs', exports: 'named', codeSplitting: false, minify });
  await build.close();
  const source = Buffer.from(wrapped(output[0].code), 'latin1');
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(source.length));
  const cache = await codeCache(source);
  // Processes may start meanwhile: each finds the old file or the new one.
  const unfinished = `${bundleFile}.${process.pid}`;
  writeFileSync(unfinished, Buffer.concat([length, source, cache]));
  renameSync(unfinished, bundleFile);
  const kib = Math.round(statSync(bundleFile).size / 1024);
  process.stdout.write(`zk-server: one file of ${kib} KiB in ${Date.now() - startedAtMs} ms\n`);
}

/**
 * One byte a character, or V8 would keep the source with two. What is beyond ASCII is in strings only.
 */
function wrapped(code) {
  const ascii = code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `(function (exports, require, module, __filename, __dirname) {${ascii}\n})`;
}

/** Of what a start compiles: the server is started once, on an empty directory and a port of the system's choice. */
async function codeCache(source) {
  const { script, exports } = compiledBundle(source, undefined);
  const dataDir = mkdtempSync(join(tmpdir(), 'zk-server-bundle-'));
  try {
    const config = exports.parseZooCfg(`dataDir=${dataDir}\nclientPort=2181\nadmin.enableServer=false\n`, null);
    const clientPort = { ...config.clientPort, address: { host: '127.0.0.1', port: 0 } };
    const server = await exports.startServer({ ...config, clientPort });
    await server.close();
    return script.createCachedData();
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}
