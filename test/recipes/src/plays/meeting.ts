/** Points that actors come to together, kept by the judge: they work when no server does. */
import type { Play, Stage } from './play.js';

/** All have come to this point. Held by the judge, so that it works when no server does. */
export async function together(stage: Stage, point: string): Promise<void> {
  await stage.tell('here', { point });
  while (!(await stage.tell('all here?', { point }))) await stage.sleep(50);
}

export function meetingJudge(actors: number, finish: Play['judge']): Play['judge'] {
  return (options) => {
    const here = new Map<string, Set<string>>();
    const inner = finish(options);
    return {
      hear: (actor, what, details) => {
        const point = String(details.point);
        const who = here.get(point) ?? here.set(point, new Set()).get(point)!;
        if (what === 'here') return who.add(actor).size > 0;
        if (what === 'all here?') return who.size === actors;
        return inner.hear(actor, what, details);
      },
      conclude: (zk, path) => inner.conclude(zk, path),
    };
  };
}
