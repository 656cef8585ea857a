import { describe, expect, it } from 'vitest';
import { playCold, written } from '../__fixtures__/transcript.js';

const plays = (title: string, script: string) => it(title, () => expect(playCold(script)).toBe(written(script)));

describe('cold standby', () => {
  plays(
    'walks the tasks in order, takes its node away where another runs, and stays where nobody does',
    `> connected
     list
     > tasks orders items
     read task=items
     > task RUN
     join task=items
     > joined m2-0000000007 112
     look task=items
     > instances m1-0000000004 m2-0000000007
     delete task=items name=m2-0000000007
     > left
     read task=orders
     > task RUN
     join task=orders
     > joined m2-0000000001 113
     look task=orders
     > instances m2-0000000001
     watch task=orders name=m2-0000000001
     say task=orders status=RUNNING
     run task=orders fence=113`,
  );
  plays(
    'leaves a stopped task alone, rests after the last one and begins again',
    `> connected
     list
     > tasks items orders
     read task=items
     > task STOP
     read task=orders
     > task gone
     rest
     > rested
     list
     > tasks
     rest`,
  );
  plays(
    'of two that come to a dead task at once, the later one goes on only when its node is gone for certain',
    `> connected
     list
     > tasks items
     read task=items
     > task RUN
     join task=items
     > joined m2-0000000009 144
     look task=items
     > instances m3-0000000008 m2-0000000009
     delete task=items name=m2-0000000009
     > connected
     > instances m2-0000000009
     > left
     rest`,
  );
  plays(
    'a task that is stopped while it runs is given back, and the scan goes on',
    `> connected
     list
     > tasks items orders
     read task=items
     > task RUN
     join task=items
     > joined m1-0000000001 16
     look task=items
     > instances m1-0000000001
     watch task=items name=m1-0000000001
     say task=items status=RUNNING
     run task=items fence=16
     > unwanted
     halt why=the task is not to be run any more
     delete task=items name=m1-0000000001
     > left
     read task=orders`,
  );
  plays(
    'halts at its deadline, and scans anew after a lost session',
    `> connected
     list
     > tasks items
     read task=items
     > task RUN
     join task=items
     > joined m1-0000000001 16
     look task=items
     > instances m1-0000000001
     watch task=items name=m1-0000000001
     say task=items status=RUNNING
     run task=items fence=16
     > suspended 5000
     > tick 7000
     halt why=no server has answered for two thirds of the session
     > lost
     > joined m1-0000000001 16
     > connected
     list`,
  );
});
