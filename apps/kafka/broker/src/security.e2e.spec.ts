/** Who may come in and who may do what, with clients as they are: kafkajs, kcat (librdkafka), and bare sockets. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ScramUsers } from '@menagerie/kafka-connector';
import {
  ErrorCode,
  metadataApi,
  readResponse,
  saslAuthenticateApi,
  saslHandshakeApi,
  writeRequest,
} from '@menagerie/kafka-protocol';
import { TestKafka } from '@menagerie/kafka-testing';
import { createCertificates, type Certificates, startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  Partitioners,
  ResourcePatternTypes,
  type SASLOptions,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
/** What the brokers are known by at the ensemble. */
const ZK_AUTH = 'kafka:kafka-secret';
const PASSWORDS: Record<string, string> = { admin: 'admin-secret', alice: 'alice-secret', bob: 'bob-secret' };

let folder: string;
let certificates: Certificates;
let zookeeper: Awaited<ReturnType<typeof startTestEnsemble>>;
let zk: ZooKeeperClient;
let kafka: TestKafka;

const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required ${Object.entries(PASSWORDS)
  .map(([user, password]) => `user_${user}="${password}"`)
  .join(' ')};`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'menagerie-kafka-security-'));
  certificates = createCertificates(folder);
  zookeeper = await startTestEnsemble({ servers: 1 });
  zk = await ZooKeeper.connect({
    connect: zookeeper.connectString,
    sessionTimeoutMs: 5_000,
    auth: [{ scheme: 'digest', credentials: ZK_AUTH }],
  });
  kafka = await TestKafka.start({
    zkConnect: zookeeper.connectString,
    brokers: 1,
    listeners: ['SASL_PLAINTEXT', 'SSL', 'SASL_SSL'],
    properties: {
      'zookeeper.set.acl': 'true',
      'zookeeper.digest.auth': ZK_AUTH,
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': jaas,
      'listener.name.sasl_ssl.plain.sasl.jaas.config': jaas,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': certificates.server.pemFile,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': certificates.caPemFile,
      'ssl.client.auth': 'requested',
      'authorizer.class.name': 'kafka.security.authorizer.AclAuthorizer',
      'super.users': 'User:admin;User:ANONYMOUS',
    },
  });
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
    await new ScramUsers(zk).set('scram', mechanism, 'scram-secret');
});
afterAll(async () => {
  await kafka?.close();
  await zk?.close();
  await zookeeper?.close();
  rmSync(folder, { recursive: true, force: true });
});

const plain = (username: string, password = PASSWORDS[username]!): SASLOptions => ({
  mechanism: 'plain',
  username,
  password,
});
const client = (listener: string, sasl?: SASLOptions) =>
  new Kafka({
    brokers: [kafka.broker(1).addresses[listener]!],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 50 },
    ...(sasl === undefined ? {} : { sasl }),
    ...(listener.endsWith('SSL') ? { ssl: { ca: [certificates.ca], servername: 'localhost' } } : {}),
  });

async function listTopics(listener: string, sasl?: SASLOptions): Promise<string[]> {
  const admin = client(listener, sasl).admin();
  await admin.connect();
  return admin.listTopics().finally(() => admin.disconnect());
}

describe('authentication', () => {
  it.each(['SASL_PLAINTEXT', 'SASL_SSL'])(
    'PLAIN on %s: the password lets in, anything else does not',
    async (listener) => {
      await expect(listTopics(listener, plain('admin'))).resolves.toEqual(expect.any(Array));
      await expect(listTopics(listener, plain('admin', 'wrong'))).rejects.toThrow('Invalid username or password');
      await expect(listTopics(listener, plain('nobody', 'x'))).rejects.toThrow('Invalid username or password');
    },
  );

  it('a stranger at the ensemble sees neither who the users are nor what their passwords can be tried on', async () => {
    await using stranger = await ZooKeeper.connect({ connect: zookeeper.connectString, sessionTimeoutMs: 5_000 });
    const refused = { code: 'ZK_NO_AUTH' };
    await expect(stranger.getData('/config/users/scram')).rejects.toMatchObject(refused);
    await expect(stranger.getChildren('/config/users')).rejects.toMatchObject(refused);
    await expect(new ScramUsers(stranger).set('eve', 'SCRAM-SHA-256', 'x')).rejects.toMatchObject(refused);
    const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];
    expect(await new ScramUsers(zk).list()).toEqual([{ user: 'scram', mechanisms }]);
  });

  it.each(['scram-sha-256', 'scram-sha-512'] as const)(
    '%s by a credential in ZooKeeper, as soon as it is there',
    async (mechanism) => {
      const user = (password: string): SASLOptions => ({ mechanism, username: 'scram', password });
      await waitFor(
        () =>
          listTopics('SASL_SSL', user('scram-secret')).then(
            () => true,
            () => false,
          ),
        {
          timeoutMs: 20_000,
          what: 'the user to be known',
        },
      );
      await expect(listTopics('SASL_PLAINTEXT', user('wrong'))).rejects.toThrow('Invalid username or password');
    },
  );

  it('a mechanism that is not enabled, and a request before authentication', async () => {
    const { port, host } = addressOf('SASL_PLAINTEXT');
    const metadata = {
      topics: null,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    expect(await exchange(host, port, [writeRequest(metadataApi, 1, 1, 'stranger', metadata)])).toHaveLength(0);
    const [answer] = await exchange(host, port, [writeRequest(saslHandshakeApi, 1, 1, 'x', { mechanism: 'GSSAPI' })]);
    const { response } = readResponse(saslHandshakeApi, 1, answer!);
    expect(response.errorCode).toBe(ErrorCode.UNSUPPORTED_SASL_MECHANISM);
    expect(response.mechanisms).toEqual(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']);
  });

  it('a wrong password is answered with its code, then the connection ends', async () => {
    const { port, host } = addressOf('SASL_PLAINTEXT');
    const answers = await exchange(host, port, [
      writeRequest(saslHandshakeApi, 1, 1, 'x', { mechanism: 'PLAIN' }),
      writeRequest(saslAuthenticateApi, 1, 2, 'x', { authBytes: Buffer.from('\0alice\0wrong') }),
    ]);
    const { response } = readResponse(saslAuthenticateApi, 1, answers[1]!);
    expect(response.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED);
  });

  it('a large frame of a stranger ends the connection before it is taken', async () => {
    const { port, host } = addressOf('SASL_PLAINTEXT');
    const head = Buffer.alloc(4);
    head.writeInt32BE(1024 * 1024);
    expect(await exchange(host, port, [[head]])).toHaveLength(0);
  });

  it('librdkafka: SCRAM over TLS, and refused with a wrong password', async () => {
    const kcat = (password: string) =>
      run(
        'kcat',
        [
          ...['-L', '-m', '5', '-b', kafka.broker(1).addresses['SASL_SSL']!],
          ...['-X', 'security.protocol=SASL_SSL', '-X', `ssl.ca.location=${certificates.caPemFile}`],
          ...['-X', 'sasl.mechanisms=SCRAM-SHA-512', '-X', 'sasl.username=scram', '-X', `sasl.password=${password}`],
        ],
        { timeout: 30_000 },
      );
    expect((await kcat('scram-secret')).stdout).toContain('1 brokers');
    await expect(kcat('wrong')).rejects.toMatchObject({
      stderr: expect.stringContaining('Invalid username or password'),
    });
  });
});

function addressOf(listener: string): { readonly host: string; readonly port: number } {
  const [host = '', port] = kafka.broker(1).addresses[listener]!.split(':');
  return { host, port: Number(port) };
}

/** Sends, and resolves with the answers' payloads when the broker has closed the connection. */
async function exchange(host: string, port: number, requests: readonly (readonly Buffer[])[]): Promise<Buffer[]> {
  const socket = connect(port, host);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  for (const pieces of requests) for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  const payloads: Buffer[] = [];
  for (let rest = Buffer.concat(chunks); rest.length >= 4;) {
    const length = rest.readInt32BE(0);
    payloads.push(rest.subarray(4, 4 + length));
    rest = rest.subarray(4 + length);
  }
  return payloads;
}

describe('rules', () => {
  it('are made, seen and removed with kafkajs, stand in Kafka’s znodes, and hold', async () => {
    const admin = client('SASL_PLAINTEXT', plain('admin')).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }], waitForLeaders: true });
    const base = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: 'ord',
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
    };
    const literal = { ...base, resourceName: 'orders', resourcePatternType: ResourcePatternTypes.LITERAL };
    const group = { ...literal, resourceType: AclResourceTypes.GROUP, resourceName: 'g' };
    await admin.createAcls({
      acl: [
        { ...base, principal: 'User:alice', operation: AclOperationTypes.WRITE },
        { ...literal, principal: 'User:bob', operation: AclOperationTypes.READ },
        { ...group, principal: 'User:bob', operation: AclOperationTypes.READ },
      ],
    });
    const text = async (path: string) => JSON.parse((await zk.getData(path)).data.toString()) as unknown;
    expect(await text('/kafka-acl/Topic/orders')).toEqual({
      version: 1,
      acls: [{ principal: 'User:bob', permissionType: 'Allow', operation: 'Read', host: '*' }],
    });
    expect(await text('/kafka-acl-extended/prefixed/Topic/ord')).toMatchObject({ version: 1 });

    const send = async (user: string) => {
      const producer = client('SASL_PLAINTEXT', plain(user)).producer({
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      await producer.send({ topic: 'orders', messages: [{ value: user }] }).finally(() => producer.disconnect());
    };
    await send('alice');
    await expect(send('bob')).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });

    const consume = async (user: string, groupId: string) => {
      const consumer = client('SASL_PLAINTEXT', plain(user)).consumer({ groupId, retry: { retries: 0 } });
      await consumer.connect();
      try {
        await consumer.subscribe({ topic: 'orders', fromBeginning: true });
        return await new Promise<string>((resolve, reject) => {
          consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
          consumer.run({ eachMessage: async ({ message }) => resolve(message.value!.toString()) }).catch(reject);
        });
      } finally {
        await consumer.disconnect();
      }
    };
    expect(await consume('bob', 'g')).toBe('alice');
    // kafkajs asks for the coordinator first, and words the refusal in its own way.
    await expect(consume('bob', 'another')).rejects.toMatchObject({ name: 'KafkaJSGroupCoordinatorNotFound' });
    const guest = client('SASL_PLAINTEXT', plain('bob')).admin();
    await guest.connect();
    await expect(guest.createTopics({ topics: [{ topic: 'mine' }] })).rejects.toMatchObject({
      errors: [{ type: 'TOPIC_AUTHORIZATION_FAILED' }],
    });
    await expect(
      guest.describeAcls({ ...literal, principal: 'User:bob', operation: AclOperationTypes.ANY }),
    ).rejects.toMatchObject({
      type: 'CLUSTER_AUTHORIZATION_FAILED',
    });
    await guest.disconnect();

    // What one rule denies no other allows.
    await admin.createAcls({
      acl: [
        {
          ...literal,
          principal: 'User:alice',
          operation: AclOperationTypes.WRITE,
          permissionType: AclPermissionTypes.DENY,
        },
      ],
    });
    await expect(send('alice')).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    const { filterResponses } = await admin.deleteAcls({
      filters: [
        {
          resourceType: AclResourceTypes.ANY,
          resourcePatternType: ResourcePatternTypes.ANY,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.DENY,
        },
      ],
    });
    expect(filterResponses[0]!.matchingAcls).toHaveLength(1);
    await send('alice');
    await admin.disconnect();
  });
});
