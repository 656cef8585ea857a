/**
 * Records what Apache ZooKeeper really sends and stores, for the specs of this library.
 *
 *   node capture.mjs            (needs a JDK and Apache ZooKeeper 3.8; ZOOKEEPER_CLASSPATH if the jar is elsewhere)
 *
 * One server alone, driven by Apache's own client through a recording proxy, gives client.json, log.bin and snapshot.bin.
 * Then three voters and an observer, who reach each other through such proxies, give quorum.json and election.json.
 * All have to read the same configuration, so each has a hosts file of its own: there its own name is its address, and
 * the names of the others are addresses of their proxies, which listen on the same ports.
 * Everything runs on the loopback (127.0.0.0/8), on free ports, in a temporary directory that is removed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const CLASSPATH = process.env.ZOOKEEPER_CLASSPATH ?? '/usr/share/java/zookeeper.jar';
const HERE = import.meta.dirname;
const OUT = path.join(HERE, '..');
const DEADLINE_MS = 60_000;

const root = mkdtempSync(path.join(tmpdir(), 'zk-capture-'));
const children = new Set();

try {
  await captureOneServer();
  await captureEnsemble();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
}
process.exit(0);

async function captureOneServer() {
  const proxy = await recordingProxy();
  const dataDir = path.join(root, 'one');
  mkdirSync(dataDir);
  proxy.target = await freePort();
  const config = writeConfig('one.cfg', [`dataDir=${dataDir}`, `clientPort=${proxy.target}`]);

  let server = startServer(config);
  await serving(proxy.target);
  await drive('everything', proxy);
  await kill(server);
  writeFixture('client.json', proxy.connections());
  writeBytes('log.bin', newest(dataDir, 'log.'));

  // A server takes a snapshot of what it has read from its log before it serves.
  server = startServer(config);
  await serving(proxy.target);
  await kill(server);
  writeBytes('snapshot.bin', newest(dataDir, 'snapshot.'));
  proxy.close();
}

async function captureEnsemble() {
  const peers = [];
  for (const id of [1, 2, 3, 4]) {
    const dataDir = path.join(root, `peer-${id}`);
    mkdirSync(dataDir);
    writeFileSync(path.join(dataDir, 'myid'), `${id}`);
    const address = `127.0.2.${id}`;
    const proxied = `127.0.1.${id}`;
    const [quorum, election] = [await recordingProxy(proxied, address), await recordingProxy(proxied, address)];
    quorum.target = quorum.port;
    election.target = election.port;
    peers.push({ id, dataDir, address, proxied, clientPort: await freePort(), quorum, election });
  }
  const servers = peers.map(({ id, quorum, election, clientPort }) => {
    const role = id === 4 ? 'observer' : 'participant';
    return `server.${id}=peer${id}:${quorum.port}:${election.port}:${role};127.0.0.1:${clientPort}`;
  });
  const client = await recordingProxy();
  const start = (peer) => {
    const hosts = peers.map((other) => `${other === peer ? other.address : other.proxied} peer${other.id}\n`);
    const hostsFile = path.join(root, `hosts-${peer.id}`);
    writeFileSync(hostsFile, ['127.0.0.1 localhost\n', ...hosts].join(''));
    const settings = [`dataDir=${peer.dataDir}`, 'reconfigEnabled=true', 'skipACL=yes', ...servers];
    if (peer.id === 4) settings.push('peerType=observer');
    return startServer(writeConfig(`peer-${peer.id}.cfg`, settings), [`-Djdk.net.hosts.file=${hostsFile}`]);
  };

  const [one, two, three, four] = peers;
  // Two of three are a quorum; the larger id leads. The first sync is an empty DIFF.
  const follower = start(one);
  start(two);
  await Promise.all([serving(one.clientPort), serving(two.clientPort)]);
  client.target = one.clientPort;
  await drive('writes', client);
  // An empty voter comes late: SNAP. A voter that missed a little: DIFF. An observer: SNAP, then INFORMs.
  start(three);
  await serving(three.clientPort);
  await kill(follower);
  client.target = two.clientPort;
  await drive('more', client);
  start(one);
  await serving(one.clientPort);
  start(four);
  await serving(four.clientPort);
  await drive('more', client);
  await drive('reconfig', client);

  writeFixture('quorum.json', two.quorum.connections());
  writeFixture(
    'election.json',
    peers.flatMap((peer) => peer.election.connections()),
  );
  for (const proxy of [client, ...peers.flatMap((peer) => [peer.quorum, peer.election])]) proxy.close();
}

/** Passes bytes on to port `target` of another address and keeps them, by connection and direction. */
async function recordingProxy(address = '127.0.0.1', targetAddress = '127.0.0.1') {
  const recorded = [];
  const open = new Set();
  const proxy = { target: 0, port: 0 };
  const server = net.createServer((near) => {
    const far = net.connect(proxy.target, targetAddress);
    const streams = { dialler: [], acceptor: [] };
    recorded.push(streams);
    relay(near, far, streams.dialler);
    relay(far, near, streams.acceptor);
    open.add(near).add(far);
  });
  const relay = (from, to, chunks) => {
    from.on('data', (chunk) => {
      chunks.push(chunk);
      to.write(chunk);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  };
  server.listen(0, address);
  await once(server, 'listening');
  proxy.port = server.address().port;
  proxy.cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  proxy.close = () => {
    server.close();
    proxy.cut();
  };
  proxy.connections = () =>
    recorded
      .map(({ dialler, acceptor }) => ({
        dialler: Buffer.concat(dialler).toString('base64'),
        acceptor: Buffer.concat(acceptor).toString('base64'),
      }))
      .filter(({ dialler, acceptor }) => dialler !== '' || acceptor !== '');
  return proxy;
}

/** Runs Capture.java against a proxy; whenever it says "cut" its connection is cut. */
async function drive(what, proxy) {
  const connect = `127.0.0.1:${proxy.port}`;
  const child = run(['-cp', CLASSPATH, `-Dcapture.connect=${connect}`, path.join(HERE, 'Capture.java'), what, connect]);
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== 'cut') return;
    proxy.cut();
    child.stdin.write('done\n');
  });
  const [code] = await within(once(child, 'exit'), `Capture.java ${what}`);
  if (code !== 0) throw new Error(`Capture.java ${what} exited with ${code}`);
  // What the server sends last may still be on its way through the proxy.
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

function startServer(config, options = []) {
  const settings = [
    'admin.enableServer=false',
    '4lw.commands.whitelist=*',
    'extendedTypesEnabled=true',
    'preAllocSize=16',
  ];
  return run([
    '-Xmx256m',
    ...options,
    ...settings.map((setting) => `-Dzookeeper.${setting}`),
    '-cp',
    CLASSPATH,
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    config,
  ]);
}

function run(args) {
  const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.resume();
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

async function kill(child) {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function writeConfig(name, lines) {
  const file = path.join(root, name);
  writeFileSync(file, ['tickTime=1000', 'initLimit=10', 'syncLimit=5', ...lines, ''].join('\n'));
  return file;
}

async function serving(port) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await fourLetterWord(port, 'srvr')).includes('Mode:')) {
    if (Date.now() > deadline) throw new Error(`no server came up on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function fourLetterWord(port, word) {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(word));
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk));
  await new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
  return answer;
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function within(promise, what) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} took longer than ${DEADLINE_MS} ms`)), DEADLINE_MS).unref();
  });
  return Promise.race([promise, late]);
}

/** zxids in file names are hex digits, so the longest and last is the newest. */
function newest(dataDir, prefix) {
  const directory = path.join(dataDir, 'version-2');
  const zxid = (name) => Number.parseInt(name.slice(prefix.length), 16);
  const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
  return readFileSync(path.join(directory, names.sort((a, b) => zxid(a) - zxid(b)).at(-1)));
}

function writeFixture(name, connections) {
  writeBytes(name, `${JSON.stringify(connections, null, 2)}\n`);
}

function writeBytes(name, bytes) {
  writeFileSync(path.join(OUT, name), bytes);
}
