/** A supervisor as a process of its own, for the specs that kill it: `supervise.mjs ROOT PLAN_JSON GROUP`. */
import { Supervisor } from '@menagerie/topology';

const [root, plan, group] = process.argv.slice(2);
const print = (line) => process.stdout.write(`${line}\n`);
await new Supervisor({ plan: JSON.parse(plan), group, root, print, verbose: false, waitMs: 1000 }).run();
