/** A small process to supervise: answers /health on TINY_PORT; what it does wrong is chosen by TINY_MISBEHAVE. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const misbehave = process.env.TINY_MISBEHAVE;
process.stdout.write(`tiny ${process.env.TINY_ID} starts\n`);
if (misbehave === 'refuse') {
  process.stderr.write('TINY_COLOR: expected a colour, got "loud"\n');
  process.exit(2);
}
// A helper in the same group that would stay if nobody ended it.
if (misbehave === 'leave-helper') {
  const helper = spawn('sleep', ['600'], { stdio: 'ignore' });
  process.stdout.write(`helper ${helper.pid}\n`);
}
if (misbehave === 'ignore-sigterm') process.on('SIGTERM', () => process.stdout.write('no\n'));
else
  process.on('SIGTERM', () => {
    process.stdout.write('stopping in good order\n');
    process.exit(0);
  });
createServer((_request, response) => response.end('ok')).listen(Number(process.env.TINY_PORT), '127.0.0.1');
