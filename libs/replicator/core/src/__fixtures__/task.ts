import { type Task, taskSchema } from '../layout/payloads.js';

const place = { host: '127.0.0.1', port: 3307, database: 'shop', user: 'repl', password: 'a-secret' };

export const aTask = (changes: Partial<Task> = {}): Task =>
  taskSchema.parse({
    source: place,
    target: { ...place, port: 3308, database: 'copy' },
    tables: ['items', 'orders'],
    serverId: 71_001,
    ...changes,
  });
