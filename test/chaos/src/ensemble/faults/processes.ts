/** Processes that are killed, stopped in order, or stand still. */
import { always, anyone, ensureRunning, leaderOrAny, type Fault, type Stage, type Struck } from './fault.js';

const run = (stage: Stage, id: number) => () => Promise.resolve(ensureRunning(stage.ensemble, id));

async function kill(stage: Stage, id: number | null): Promise<Struck | null> {
  if (id === null) return null;
  await stage.ensemble.kit.kill(id);
  return { what: `server ${id} killed with -9`, victims: [id], mend: run(stage, id) };
}

function pause({ ensemble }: Stage, id: number | null): Struck | null {
  if (id === null) return null;
  const { server } = ensemble.part(id);
  if (!server.running) return null;
  server.signal('SIGSTOP');
  const mend = async (): Promise<void> => {
    if (server.running) server.signal('SIGCONT');
  };
  return { what: `server ${id} stands still`, victims: [id], mend };
}

export const processFaults: readonly Fault[] = [
  {
    name: 'kill-one',
    company: 'any',
    ends: true,
    whyNot: always,
    strike: (stage) => kill(stage, anyone(stage)),
  },
  {
    name: 'kill-leader',
    company: 'any',
    ends: true,
    whyNot: always,
    strike: async (stage) => kill(stage, await leaderOrAny(stage)),
  },
  {
    name: 'kill-all',
    company: 'any',
    ends: true,
    whyNot: always,
    strike: async (stage) => {
      if (stage.free.length === 0) return null;
      const victims = [...stage.free];
      await Promise.all(victims.map((id) => stage.ensemble.kit.kill(id)));
      return {
        what: `servers ${victims.join(', ')} killed with -9 at once`,
        victims,
        mend: async () => {
          for (const id of victims) ensureRunning(stage.ensemble, id);
        },
      };
    },
  },
  {
    name: 'stop-one',
    company: 'any',
    ends: true,
    whyNot: always,
    strike: async (stage) => {
      const id = anyone(stage);
      if (id === null) return null;
      await stage.ensemble.kit.stop(id);
      return { what: `server ${id} told to stop`, victims: [id], mend: run(stage, id) };
    },
  },
  {
    name: 'pause-one',
    company: 'any',
    ends: false,
    whyNot: always,
    strike: (stage) => Promise.resolve(pause(stage, anyone(stage))),
  },
  {
    name: 'pause-leader',
    company: 'any',
    ends: false,
    whyNot: always,
    strike: async (stage) => pause(stage, await leaderOrAny(stage)),
  },
];
