/** Those who are there are seen, and a copy comes to be what it is a copy of. */
import { isMaybeDone, isSessionLost, isZooKeeperError } from '@menagerie/zookeeper-client';
import { ChildrenCache, Group, ServiceDiscovery, TreeCache, type CacheEvent } from '@menagerie/zookeeper-recipes';
import { meetingJudge, together } from './meeting.js';
import { Broken, nobodyLeft, type Play, type Stage } from './play.js';

const passes = (error: unknown) =>
  isZooKeeperError(error) && (error.retryable || isMaybeDone(error) || isSessionLost(error));

const told = (zkPath: string): Play['judge'] =>
  meetingJudge(3, ({ until }) => ({
    hear: () => true,
    conclude: (zk, path) => nobodyLeft(zk, `${path}${zkPath}`, until),
  }));

const cachePlay = (name: string, watches: 'persistent' | 'one-shot'): Play => ({
  name,
  actors: 3,
  judge: meetingJudge(3, () => ({ hear: () => true, conclude: async () => undefined })),
  act: async (stage) => {
    const { zk, path } = stage;
    const built = new Map<string, string>();
    const build = ({ kind, node }: CacheEvent) => {
      if (kind === 'removed' ? !built.delete(node.path) : built.has(node.path) !== (kind === 'changed')) {
        throw new Broken('events tell a story', `${kind} ${node.path}`);
      }
      if (kind !== 'removed') built.set(node.path, node.data.toString());
    };
    const tree = new TreeCache(zk, path, { onEvent: build, watches });
    const children = new ChildrenCache(zk, `${path}/c0`, { watches });
    await Promise.all([tree.start(), children.start()]);
    for (let i = 0; i < 12; i += 1) {
      const node = `${path}/c${stage.dice.integer(0, 1)}/n${stage.dice.integer(0, 3)}`;
      try {
        const what = stage.dice.integer(0, 2);
        if (what === 0) await zk.mkdirp(node);
        else if (what === 1) await zk.setData(node, `${stage.name} ${i}`);
        else await zk.delete(node);
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (!passes(error) && code !== 'ZK_NO_NODE' && code !== 'ZK_NODE_EXISTS') throw error;
      }
      await stage.sleep(stage.dice.delay(80));
    }
    await together(stage, 'no more changes');
    let difference = 'nothing read yet';
    for (let looks = 0; difference !== ''; looks += 1) {
      if (looks > 400) throw new Broken('a copy comes to be the same', difference);
      await stage.sleep(50);
      difference = await compare(stage, tree, children, built).catch((error: unknown) => {
        if (passes(error)) return 'not read';
        throw error;
      });
    }
    await Promise.all([tree.close(), children.close()]);
  },
});

export const presencePlays: readonly Play[] = [
  {
    name: 'group',
    actors: 3,
    judge: told(''),
    act: async (stage) => {
      const failures: unknown[] = [];
      const open = async () => {
        const group = new Group(stage.zk, stage.path, stage.name, { data: 'x', onFailure: (e) => failures.push(e) });
        await group.start();
        return group;
      };
      for (let life = 0; life < 2; life += 1) {
        const passing = await open();
        await stage.sleep(stage.dice.delay(300));
        await passing.close();
      }
      const group = await open();
      while (group.members.size < stage.actors) {
        await stage.sleep(50);
        if (failures.length > 0) throw failures[0];
      }
      await together(stage, 'all seen');
      await group.close();
    },
  },
  {
    name: 'discovery',
    actors: 3,
    judge: told('/orders'),
    act: async (stage) => {
      const discovery = new ServiceDiscovery(stage.zk, stage.path);
      const own = discovery.register({ name: 'orders', id: stage.name, address: 'localhost', port: 80 });
      const provider = discovery.provider('orders');
      await provider.start();
      for (let i = 0; i < 5; i += 1) {
        await stage.sleep(stage.dice.delay(150));
        own.update({ load: i });
      }
      const latest = () => provider.instances.filter(({ payload }) => (payload as { load?: number })?.load === 4);
      while (latest().length < stage.actors) await stage.sleep(50);
      await together(stage, 'all seen');
      await own.withdraw();
      await provider.close();
    },
  },
  cachePlay('caches', 'persistent'),
  cachePlay('caches-one-shot', 'one-shot'),
];

/** @returns what differs, '' when nothing does. */
async function compare(
  { zk, path }: Stage,
  tree: TreeCache,
  children: ChildrenCache,
  built: ReadonlyMap<string, string>,
): Promise<string> {
  await zk.sync(path);
  const truth = new Map<string, string>();
  const walk = async (at: string): Promise<void> => {
    if ((await zk.exists(at)) === null) return;
    truth.set(at, (await zk.getData(at)).data.toString());
    for (const name of (await zk.getChildren(at)).children) await walk(`${at}/${name}`);
  };
  await walk(path);
  for (const at of new Set([...truth.keys(), ...built.keys()])) {
    const cached = tree.get(at)?.data.toString();
    if (cached !== truth.get(at)) return `${at}: the tree cache has ${cached}, the tree ${truth.get(at)}`;
    if (built.get(at) !== truth.get(at)) return `${at}: events say ${built.get(at)}, the tree ${truth.get(at)}`;
  }
  const names = [...truth.keys()].filter((at) => at.startsWith(`${path}/c0/`)).map((at) => at.slice(path.length + 4));
  const cached = [...children.children.keys()];
  return cached.join() === names.sort().join() ? '' : `children: cached ${cached.join()}, there ${names.join()}`;
}
