/**
 * Creates a node so that exactly one stands for the caller, also when the reply is lost in between.
 *
 * The hazard: the connection goes after the server made the node and before we heard its name. A blind second try
 * leaves an orphan in front of us that lives as long as our own session, and we wait for it for ever (go-zookeeper
 * #229, kazoo #732). The remedy is a mark in the name: look for it before trying again. If the session changed in
 * between, what is found belongs to the old one and will vanish under us, so it is removed (Curator's ProtectedMode);
 * what counts is the node's `ephemeralOwner`, never our memory of the session (CURATOR-696).
 *
 * Looking is not enough by itself: the server we look at need not have applied yet what another got through for us.
 * Hence the `sync`: when that is answered, what was under way has been done or never will be.
 */
import { randomUUID } from 'node:crypto';
import { CreateMode, isEphemeral, type Stat } from '@menagerie/zookeeper-protocol';
import type {
  CallOptions,
  GuaranteedDeleteOptions,
  NodeData,
  ProtectedCreateOptions,
  ProtectedCreateResult,
  ZooKeeperClient,
} from './api.js';
import { invalid } from './arguments.js';
import { isMaybeDone, isNoNode, isSessionLost } from './errors.js';

/** Curator writes the same mark, so that its tools recognise ours (CreateBuilderImpl, protected mode). */
const PROTECTED = '_c_';
/** A loop of lost replies ends: each round needs a connection that was there and went. */
const MAX_ROUNDS = 100;

type Verbs = Pick<
  ZooKeeperClient,
  'create' | 'exists' | 'getChildren' | 'deleteGuaranteed' | 'mkdirp' | 'session' | 'sync'
>;

/** The name a node gets: the caller's, behind the mark. */
function protectedName(mark: string, name: string): string {
  return `${PROTECTED}${mark}-${name}`;
}

/** Whether a node's name carries this mark, whatever sequence number it got. */
function carriesMark(name: string, mark: string): boolean {
  return name.startsWith(`${PROTECTED}${mark}-`);
}

/** @returns a node that is there, carries the mark, and (if ephemeral) belongs to the session of this moment */
export async function createProtected(
  client: Verbs,
  path: string,
  data: NodeData | undefined,
  {
    makeParents = false,
    mark: given,
    lookFirst,
    mode = CreateMode.ephemeralSequential,
    ...options
  }: ProtectedCreateOptions,
): Promise<ProtectedCreateResult> {
  const mark = given ?? randomUUID();
  if (!/^[\w-]{1,100}$/.test(mark))
    throw invalid(`expected a mark of 1 to 100 letters, digits, - and _, got "${mark}"`);
  const { directory, name } = split(path);
  const marked = join(directory, protectedName(mark, name));
  const call = callOptions(options);
  const isOurs = ({ ephemeralOwner }: Stat): boolean => !isEphemeral(mode) || ephemeralOwner === client.session?.id;
  // A mark of the caller's may have been used in an earlier life of it.
  let mustLook = lookFirst ?? given !== undefined;
  let mustMakeDirectory = false;
  for (let round = 1; ; round++) {
    try {
      if (mustMakeDirectory) await client.mkdirp(directory, call);
      const found = mustLook ? await findMarked(client, directory, mark, isOurs, call) : null;
      if (found !== null) return { ...found, mark };
      mustLook = true;
      const made = await client.create(marked, data, { ...options, mode });
      const stat = made.stat ?? (await client.exists(made.path, call));
      if (stat !== null && isOurs(stat)) return { path: made.path, stat, mark };
    } catch (error) {
      if (round === MAX_ROUNDS) throw error;
      if (isNoNode(error) && makeParents) mustMakeDirectory = true;
      else if (!isMaybeDone(error) && !isSessionLost(error)) throw error;
    }
  }
}

/** A directory that is not there holds nothing of ours. */
export async function deleteProtected(
  client: Pick<Verbs, 'getChildren' | 'deleteGuaranteed' | 'sync'>,
  directory: string,
  mark: string,
  options: GuaranteedDeleteOptions,
): Promise<void> {
  for (const name of await namesWithMark(client, directory, mark, callOptions(options)))
    await client.deleteGuaranteed(join(directory, name), options);
}

/** The node with our mark, if it is ours now; one of an earlier session is removed. */
async function findMarked(
  client: Verbs,
  directory: string,
  mark: string,
  isOurs: (stat: Stat) => boolean,
  call: CallOptions,
): Promise<Omit<ProtectedCreateResult, 'mark'> | null> {
  for (const name of await namesWithMark(client, directory, mark, call)) {
    const path = join(directory, name);
    const stat = await client.exists(path, call);
    if (stat !== null && isOurs(stat)) return { path, stat };
    if (stat !== null) await client.deleteGuaranteed(path, { ...call, czxid: stat.czxid });
  }
  return null;
}

async function namesWithMark(
  client: Pick<Verbs, 'getChildren' | 'sync'>,
  directory: string,
  mark: string,
  call: CallOptions,
): Promise<readonly string[]> {
  try {
    await client.sync(directory, call);
    const { children } = await client.getChildren(directory, call);
    return children.filter((name) => carriesMark(name, mark));
  } catch (error) {
    if (isNoNode(error)) return [];
    throw error;
  }
}

function callOptions({ signal, timeoutMs }: CallOptions): CallOptions {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}

function split(path: string): { readonly directory: string; readonly name: string } {
  const at = path.lastIndexOf('/');
  return { directory: path.slice(0, Math.max(1, at)), name: path.slice(at + 1) };
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
