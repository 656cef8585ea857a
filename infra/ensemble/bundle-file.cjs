/**
 * The file that `bundle.mjs` makes and `bin/zk-server` starts from. CommonJS, as is the bundle: a process that never
 * loads an ES module starts sooner and is 2 MiB smaller.
 */
const { readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { constants, Script } = require('node:vm');

const dist = join(__dirname, 'dist');
const bundleFile = join(dist, 'zk-server.bundle');
/** What `tsc -b` touches whenever it compiles anything that is in the bundle. */
const compilations = [dist, join(__dirname, '../../libs/zookeeper/protocol/dist')];
const LENGTH_BYTES = 8;

/** False also if there is none. */
function isFresh() {
  const madeAtMs = statSync(bundleFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const compiledAtMs = compilations.map(
    (folder) => statSync(join(folder, '.tsbuildinfo'), { throwIfNoEntry: false })?.mtimeMs ?? Infinity,
  );
  return madeAtMs > Math.max(...compiledAtMs);
}

/** The package's exports out of the bundle. */
function loadBundle() {
  const bytes = readFileSync(bundleFile);
  const end = LENGTH_BYTES + Number(bytes.readBigUInt64BE(0));
  return compiledBundle(bytes.subarray(LENGTH_BYTES, end), bytes.subarray(end)).exports;
}

/** Parts of Node that most servers never use, and all would load: 4 MiB, and some milliseconds of a start. */
const loadedWhenUsed = new Set(['node:crypto', 'node:dns/promises', 'node:http', 'node:tls', 'node:v8', 'node:zlib']);

/** The bundle's: all its imports stand at its beginning, also those of modules that are to be loaded late. */
function bundleRequire() {
  const load = createRequire(bundleFile);
  return (name) => {
    if (loadedWhenUsed.has(name)) return new Proxy({}, { get: (_, key) => load(name)[key] });
    // Of these pino asks whether this is the main thread; its transports, which want a worker, are not used here.
    return name === 'worker_threads' ? { isMainThread: true } : load(name);
  };
}

/** A code cache of another version of V8 is passed over. */
function compiledBundle(source, cachedData) {
  const script = new Script(source.toString('latin1'), {
    filename: bundleFile,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, bundleRequire(), bundle, bundleFile, dist);
  return { script, exports: bundle.exports };
}

module.exports = { bundleFile, isFresh, loadBundle, compiledBundle };
