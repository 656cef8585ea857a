/** At most one leader; one result a day. */
import { LeaderLatch, LeaderSelector, MasterElection } from '@menagerie/zookeeper-recipes';
import { GuardedJudge, useGuarded } from './guarded.js';
import { Broken, nobodyLeft, type Play } from './play.js';

const LINE = { capacity: 1, ordered: false, directories: [''] };

export const leaderPlays: readonly Play[] = [
  {
    name: 'leader-latch',
    actors: 3,
    judge: (options) => new TermJudge(options, LINE),
    act: async (stage) => {
      for (let round = 0; round < 3; round += 1) {
        let led: () => void = () => undefined;
        const hasLed = new Promise<void>((resolve) => (led = resolve));
        let said: Promise<unknown> = Promise.resolve();
        const latch = new LeaderLatch(stage.zk, stage.path, {
          identity: stage.name,
          onChange: (change) => {
            if (!change.leader) said = stage.tell('leave');
            else {
              said = stage.tell('enter', { token: String(change.leadership.fencingToken) });
              led();
            }
          },
        });
        latch.start();
        await (round === 2 ? hasLed : Promise.race([hasLed, stage.sleep(stage.dice.delay(1500))]));
        await stage.sleep(stage.dice.delay(200));
        await latch.close();
        await said;
      }
    },
  },
  {
    name: 'leader-selector',
    actors: 3,
    judge: (options) => new TermJudge(options, LINE),
    act: async (stage) => {
      let turns = 0;
      let enough: () => void = () => undefined;
      const done = new Promise<void>((resolve) => (enough = resolve));
      const failures: unknown[] = [];
      const selector = new LeaderSelector(stage.zk, stage.path, {
        identity: stage.name,
        onFailure: (error) => failures.push(error),
        lead: async (leadership) => {
          await useGuarded(stage, leadership);
          turns += 1;
          if (turns === 3) enough();
        },
      });
      selector.start();
      while (turns < 3) {
        await Promise.race([done, stage.sleep(200)]);
        if (stage.dice.chance(0.2)) selector.handOver();
        if (failures.length > 0) throw failures[0];
      }
      await selector.close();
    },
  },
  {
    name: 'master-election',
    actors: 3,
    judge: ({ until }) => {
      const results = new Map<string, string>();
      return {
        hear: (actor, _what, { day, result }) => {
          const known = results.get(String(day));
          if (known !== undefined && known !== result) {
            throw new Broken('one result a day', `${day}: ${known}, and ${actor} was told ${result}`);
          }
          results.set(String(day), String(result));
          return true;
        },
        conclude: async (zk, path) => {
          for (const [day, result] of results) {
            const { data, stat } = await zk.getData(`${path}/${day}/result`);
            if (data.toString() !== result || stat.version !== 0) {
              throw new Broken(
                'one result a day',
                `${day}: ${result} was told, ${data} stands in version ${stat.version}`,
              );
            }
            await until('no master left', async () => !(await zk.exists(`${path}/${day}/binding`)));
          }
        },
      };
    },
    act: async (stage) => {
      const election = new MasterElection(stage.zk, stage.path, { identity: stage.name });
      for (const day of ['2026-03-01', '2026-03-02', '2026-03-03']) {
        for (;;) {
          try {
            const work = async () => {
              await stage.sleep(stage.dice.delay(200));
              return `by ${stage.name}, ${stage.dice.integer(1, 1e9)}`;
            };
            const { data } = await election.result(day, work);
            await stage.tell('result', { day, result: data.toString() });
            break;
          } catch (error) {
            if ((error as { code?: string }).code !== 'RECIPE_FENCED') throw error;
          }
        }
      }
    },
  },
];

/** Leadership comes back after a suspension with the same token: a term may begin several times, one at a time. */
class TermJudge extends GuardedJudge {
  private readonly terms = new Map<string, string>();
  private readonly leading = new Set<string>();
  private readonly isStrict: boolean;
  private readonly untilTrue;

  constructor(...args: ConstructorParameters<typeof GuardedJudge>) {
    super(...args);
    this.isStrict = args[0].strict;
    this.untilTrue = args[0].until;
  }

  override hear(actor: string, what: string, details: Readonly<Record<string, string | number | boolean>>): boolean {
    if (what === 'leave') return this.leading.delete(actor);
    if (what === 'write') return true;
    const token = String(details.token);
    const owner = this.terms.get(token) ?? actor;
    if (owner !== actor) throw new Broken('a token is granted once', `${token} to ${owner} and to ${actor}`);
    this.terms.set(token, actor);
    const others = [...this.leading].filter((other) => other !== actor);
    if (this.isStrict && others.length > 0)
      throw new Broken('one leader', `${actor} leads beside ${others.join(', ')}`);
    this.leading.add(actor);
    this.grants += 1;
    return true;
  }

  override async conclude(...[zk, path]: Parameters<GuardedJudge['conclude']>): Promise<void> {
    if (this.leading.size > 0) throw new Broken('the end is told', `${[...this.leading].join(', ')} never left`);
    await nobodyLeft(zk, path, this.untilTrue);
  }
}
