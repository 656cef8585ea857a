import { describe, expect, it } from 'vitest';
import { playHot, written } from '../__fixtures__/transcript.js';

const plays = (title: string, script: string, options?: { herd?: boolean }) =>
  it(title, () => expect(playHot(script, options)).toBe(written(script)));

describe('hot standby', () => {
  plays(
    'the first to come runs, the second stands by and watches the one before it alone',
    `> connected
     join
     > joined h2-0000000002 32
     look
     > instances h1-0000000001 h2-0000000002
     say status=STANDBY
     watch what=h1-0000000001
     > changed
     look
     > instances h2-0000000002
     watch what=h2-0000000002
     say status=RUNNING
     run fence=32`,
  );
  plays(
    'as the book has it, all watch the list',
    `> connected
     join
     > joined h3-0000000003 48
     look
     > instances h3-0000000003 h1-0000000001 h2-0000000002
     say status=STANDBY
     watch what=all`,
    { herd: true },
  );
  plays(
    'a connection that is lost for less than a third of the session changes nothing',
    `> connected
     join
     > joined h1-0000000001 16
     look
     > instances h1-0000000001
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16
     > suspended 10000
     > tick 11999
     > connected
     look
     > tick 99999
     > instances h1-0000000001
     watch what=h1-0000000001`,
  );
  plays(
    'it halts before the session can be over, and goes on with the same fence when it was not',
    `> connected
     join
     > joined h1-0000000001 16
     look
     > instances h1-0000000001
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16
     > suspended 10000
     > tick 12000
     halt why=no server has answered for two thirds of the session
     > tick 13000
     > connected
     look
     > instances h1-0000000001 h2-0000000002
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16`,
  );
  plays(
    'silence of two thirds of the session halts at once',
    `> connected
     join
     > joined h1-0000000001 16
     look
     > instances h1-0000000001
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16
     > suspended 10000 no-answer
     halt why=no server has answered for two thirds of the session`,
  );
  plays(
    'who has lost its session comes back at the end of the line: no fail-back',
    `> connected
     join
     > joined h1-0000000001 16
     look
     > instances h1-0000000001
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16
     > lost
     halt why=the session is over
     > connected
     join
     > joined h1-0000000003 48
     look
     > instances h2-0000000002 h1-0000000003
     say status=STANDBY
     watch what=h2-0000000002`,
  );
  plays(
    'an operator who removes its node ends its run; it joins again',
    `> connected
     join
     > joined h1-0000000001 16
     look
     > instances h1-0000000001
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16
     > changed
     look
     > instances h2-0000000002
     halt why=its node was removed
     join`,
  );
  plays(
    'leaving halts first and gives the place away afterwards',
    `> connected
     join
     > joined h1-0000000001 16
     look
     > instances h1-0000000001
     watch what=h1-0000000001
     say status=RUNNING
     run fence=16
     > leave
     halt why=this core stops
     delete name=h1-0000000001
     > changed
     > connected`,
  );
});
