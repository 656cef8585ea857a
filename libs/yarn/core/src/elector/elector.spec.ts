import { describe, expect, it } from 'vitest';
import { Elector } from './elector.js';
import type { ElectorEffect, ElectorInput, LockEvent, SessionEvent, ZkResult } from './elector-types.js';
import { ZkResult as Results } from './elector-types.js';

/**
 * A transcript: what the elector hears stands at the margin, what it asks for is indented below, with its state in
 * brackets where that changed. `@2` after an input names the handle; without it the current one is meant.
 */
function play(transcript: string): void {
  const lines = transcript.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  const elector = new Elector();
  const played: string[] = [];
  let state: string = elector.state;
  for (const line of lines.map((one) => one.slice(margin))) {
    if (line.startsWith(' ')) continue;
    played.push(line);
    const effects = elector.step(inputOf(line, elector.currentHandle ?? 0)).map((one) => `  ${textOf(one)}`);
    if (elector.state !== state) effects.push(`  [${elector.state}]`);
    state = elector.state;
    played.push(...effects);
  }
  expect(played).toEqual(lines.map((one) => one.slice(margin)));
}

const sessionEvents: readonly string[] = [
  'connected',
  'disconnected',
  'expired',
  'open-failed',
] satisfies SessionEvent[];
const results: readonly string[] = Object.values(Results);

function inputOf(line: string, current: number): ElectorInput {
  const [text = '', at] = line.split('@');
  const [verb = '', ...words] = text.trim().split(' ');
  const handle = at === undefined ? current : Number(at);
  const result = (words.find((word) => results.includes(word)) ?? 'ok') as ZkResult;
  const own = words.includes('own');
  if (sessionEvents.includes(verb)) return { kind: 'session', handle, event: verb as SessionEvent };
  switch (verb) {
    case 'join':
      return { kind: 'join' };
    case 'quit':
      return { kind: 'quit', needFence: words.includes('need-fence') };
    case 'woke':
      return { kind: 'woke', nap: Number(words[0]) };
    case 'lock':
      return { kind: 'lock-event', handle, event: words[0] as LockEvent };
    case 'created':
      return { kind: 'lock-created', handle, result };
    case 'checked':
      return { kind: 'lock-checked', handle, result, own };
    case 'breadcrumb':
      return { kind: 'breadcrumb-read', handle, result, version: 7, own };
    case 'written':
      return { kind: 'breadcrumb-written', handle, result };
    case 'fenced':
      return { kind: 'old-active-fenced', handle, ok: result === 'ok' };
    case 'activated':
      return { kind: 'activated', handle, ok: result === 'ok' };
    default:
      throw new Error(`no such input: ${line}`);
  }
}

function textOf(effect: ElectorEffect): string {
  switch (effect.kind) {
    case 'write-breadcrumb':
      return effect.version === null ? 'write-breadcrumb new' : `write-breadcrumb version ${effect.version}`;
    case 'sleep':
      return `sleep ${effect.nap} ${effect.ms}ms`;
    case 'fatal':
      return `fatal: ${effect.why}`;
    case 'open-session':
    case 'close-session':
      return `${effect.kind} ${effect.handle}`;
    default:
      return effect.kind;
  }
}

const becomesActive = `
  join
    open-session 1
  connected
    create-lock
  created ok
    read-breadcrumb
  breadcrumb no-node
    write-breadcrumb new
  written ok
    become-active
  activated ok
    check-lock
    [ACTIVE]
  checked ok own`;

const becomesStandby = `
  join
    open-session 1
  connected
    create-lock
  created node-exists
    become-standby
    check-lock
    [STANDBY]
  checked ok`;

describe('a candidate', () => {
  it('becomes active by creating the lock, and leaves a breadcrumb', () => play(becomesActive));

  it('becomes standby when somebody else has the lock, and takes over when it goes', () =>
    play(`${becomesStandby}
  lock deleted
    create-lock
  created ok
    read-breadcrumb
  breadcrumb ok
    fence-old-active
  fenced ok
    write-breadcrumb version 7
  written ok
    become-active
  activated ok
    check-lock
    [ACTIVE]`));

  it('loses the race for a lock that went, and stays standby', () =>
    play(`${becomesStandby}
  lock deleted
    create-lock
  created node-exists
    check-lock`));

  it('does not fence itself when the breadcrumb is its own', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created ok
    read-breadcrumb
  breadcrumb ok own
    write-breadcrumb version 7`));

  it('joins once, however often it is told', () => play(`${becomesStandby}\n  join`));

  it('tries again when the lock went before it could be watched', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created node-exists
    become-standby
    check-lock
    [STANDBY]
  checked no-node
    enter-neutral
    create-lock
    [NEUTRAL]`));
});

describe('a lost reply to the create', () => {
  const retried = `
  join
    open-session 1
  connected
    create-lock
  created unknown
    create-lock
  created node-exists
    check-lock`;

  it('hides that the first try won: the owner tells', () =>
    play(`${retried}
  checked ok own
    read-breadcrumb`));

  it('hides that somebody else won: the owner tells', () =>
    play(`${retried}
  checked ok
    become-standby
    [STANDBY]`));

  it('is retried three times, then it is fatal', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created unknown
    create-lock
  created unknown
    create-lock
  created unknown
    create-lock
  created unknown
    close-session 1
    fatal: creating the lock: no answer after 3 retries`));

  it('is not retried when the session went with it: the session event does the rest', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created session-lost
  expired
    enter-neutral
    close-session 1
    open-session 2
    [NEUTRAL]`));
});

describe('the connection', () => {
  it('lost and found again within the session: neutral, then active as before', () =>
    play(`${becomesActive}
  disconnected
    enter-neutral
    [NEUTRAL]
  connected
    check-lock
  checked ok own
    read-breadcrumb
  breadcrumb ok own
    write-breadcrumb version 7
  written ok
    become-active
  activated ok
    [ACTIVE]`));

  it('lost for so long that the session expired: a new session, and the lock is somebody else`s', () =>
    play(`${becomesActive}
  disconnected
    enter-neutral
    [NEUTRAL]
  expired
    close-session 1
    open-session 2
  connected
    create-lock
  created node-exists
    become-standby
    check-lock
    [STANDBY]`));

  it('of a standby lost and found: it looks whether the lock is still somebody else`s', () =>
    play(`${becomesStandby}
  disconnected
    enter-neutral
    [NEUTRAL]
  connected
    check-lock
  checked ok
    become-standby
    [STANDBY]`));

  it('not to be had at all: three tries five seconds apart, then fatal', () =>
    play(`
  join
    open-session 1
  open-failed
    close-session 1
    sleep 1 5000ms
  woke 1
    open-session 2
  open-failed
    close-session 2
    sleep 2 5000ms
  woke 2
    open-session 3
  open-failed
    close-session 3
    fatal: no session with ZooKeeper to be had
  join
    open-session 4`));
});

describe('results of an old session', () => {
  it('are dropped, whatever they say', () =>
    play(`${becomesActive}
  expired
    enter-neutral
    close-session 1
    open-session 2
    [NEUTRAL]
  created ok @1
  checked ok own @1
  lock deleted @1
  disconnected @1
  activated ok @1
  connected
    create-lock`));

  it('do not end a nap that was called off', () =>
    play(`
  join
    open-session 1
  open-failed
    close-session 1
    sleep 1 5000ms
  quit
  join
    open-session 2
  woke 1`));
});

describe('an activation', () => {
  const transition = `
  join
    open-session 1
  connected
    create-lock
  created ok
    read-breadcrumb
  breadcrumb no-node
    write-breadcrumb new
  written ok
    become-active`;

  it('that fails gives the lock back and stays away for a second, so that another can win', () =>
    play(`${transition}
  activated refused
    close-session 1
    sleep 1 1000ms
  woke 1
    open-session 2
  connected
    create-lock
  created node-exists
    become-standby
    check-lock
    [STANDBY]`));

  it('whose breadcrumb may be written or not reads it again before it writes again', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created ok
    read-breadcrumb
  breadcrumb no-node
    write-breadcrumb new
  written unknown
    read-breadcrumb
  breadcrumb ok own
    write-breadcrumb version 7
  written ok
    become-active`));

  it('whose breadcrumb somebody else wrote first has failed', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created ok
    read-breadcrumb
  breadcrumb ok own
    write-breadcrumb version 7
  written bad-version
    close-session 1
    sleep 1 1000ms`));

  it('makes events of the session wait until it is over', () =>
    play(`${transition}
  disconnected
  connected
  activated ok
    check-lock
    enter-neutral
    [NEUTRAL]`));

  it('in whose course the session expired ends in a new session', () =>
    play(`${transition}
  expired
  activated ok
    check-lock
    enter-neutral
    close-session 1
    open-session 2
    [NEUTRAL]`));

  it('whose end comes after the elector has left is stale', () =>
    play(`${transition}
  quit
    close-session 1
  activated ok @1`));
});

describe('an active', () => {
  it('whose lock is deleted by hand goes neutral and tries again', () =>
    play(`${becomesActive}
  lock deleted
    enter-neutral
    create-lock
    [NEUTRAL]
  created node-exists
    become-standby
    check-lock
    [STANDBY]`));

  it('that leaves in order takes its breadcrumb along', () =>
    play(`${becomesActive}
  quit
    delete-own-breadcrumb
    close-session 1
    [INIT]`));

  it('that leaves in doubt lets its breadcrumb lie', () =>
    play(`${becomesActive}
  quit need-fence
    close-session 1
    [INIT]`));

  it('is told once, also when the lock is looked at again', () =>
    play(`${becomesActive}
  lock changed
    check-lock
  checked ok own`));
});

describe('refusals', () => {
  it('of the lock by its ACL are fatal', () =>
    play(`
  join
    open-session 1
  connected
    create-lock
  created refused
    close-session 1
    fatal: creating the lock: refused`));
});
