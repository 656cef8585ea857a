/** One member of a group in a process of its own, to be killed: `member BROKERS GROUP TOPIC SESSION_MS`. */
import { Kafka, logLevel } from 'kafkajs';

import { followOwnership, joinGroup } from './ownership.js';

const [brokers = '', groupId = '', topic = '', sessionMs = ''] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'to-be-killed', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const consumer = joinGroup(kafka, groupId, Number(sessionMs));
followOwnership(consumer, (owned) => process.stdout.write(`${JSON.stringify(owned)}\n`));
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({ eachMessage: async () => undefined });
