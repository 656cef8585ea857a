/** What strangers send: each is answered as Kafka answers it, or cut off, and the broker goes on. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  apiVersionsApi,
  buildBatch,
  createTopicsApi,
  ErrorCode,
  fetchApi,
  FrameSplitter,
  listGroupsApi,
  metadataApi,
  produceApi,
  readResponse,
  writeRequest,
} from '@menagerie/kafka-protocol';
import { TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let zookeeper: TestEnsemble;
let kafka: TestKafka;
const sockets: Socket[] = [];

beforeAll(async () => {
  zookeeper = await startTestEnsemble();
  const properties = { 'socket.request.max.bytes': '100000', 'max.connections': '20', 'num.partitions': '1' };
  kafka = await TestKafka.start({ zkConnect: zookeeper.connectString, brokers: 1, properties });
  await ask(writeRequest(createTopicsApi, 4, 1, 'test', oneTopic('t')));
  await ledBy('t');
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
afterAll(async () => {
  await kafka?.close();
  await zookeeper?.close();
});

const oneTopic = (name: string) => ({
  topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
  timeoutMs: 10_000,
  validateOnly: false,
});

const ledBy = (topic: string) =>
  waitFor(async () => (await kafka.leaderOf(topic)) !== null, { timeoutMs: 60_000, what: `a leader of ${topic}` });

async function open(): Promise<Socket> {
  const [host, port] = kafka.bootstrap[0]!.split(':');
  const socket = connect(Number(port), host);
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const isClosed = (socket: Socket) =>
  waitFor(() => socket.destroyed, { timeoutMs: 30_000, what: 'a closed connection' });

/** Sends a frame and gives the payload of the answer. */
async function ask(frame: readonly Buffer[], socket?: Socket): Promise<Buffer> {
  const link = socket ?? (await open());
  const splitter = new FrameSplitter(10_000_000);
  const payloads: Buffer[] = [];
  link.on('data', (chunk) => payloads.push(...splitter.push(chunk)));
  link.write(Buffer.concat(frame));
  await waitFor(() => payloads.length > 0 || link.destroyed, { timeoutMs: 30_000, what: 'an answer' });
  if (socket === undefined) link.destroy();
  return payloads[0] ?? Buffer.alloc(0);
}

const isWell = async () => {
  const { response } = readResponse(listGroupsApi, 0, await ask(writeRequest(listGroupsApi, 0, 1, null, {})));
  return response.errorCode === ErrorCode.NONE;
};

const record = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 1 };

async function produce(records: Buffer | null, topic = 't', acks = -1) {
  const request = {
    transactionalId: null,
    acks,
    timeoutMs: 5_000,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, records }] }],
  };
  const payload = await ask(writeRequest(produceApi, 8, 1, 'test', request));
  return readResponse(produceApi, 8, payload).response.topics[0]!.partitions[0]!;
}

describe('frames', () => {
  it.each([
    ['a length of -1', Buffer.from('ffffffff', 'hex')],
    ['a length over the limit', Buffer.from('00ffffff00000000', 'hex')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['an API key that nobody has', Buffer.from('0000000a03e700000000000100ff', 'hex')],
    ['a version of Fetch that is too new', Buffer.from('0000000a000100630000000100ff', 'hex')],
    ['a request cut short', Buffer.from('0000000a0003000400000001ffff', 'hex')],
  ])('%s closes the connection, and nobody else’s', async (_, bytes) => {
    const socket = await open();
    socket.resume();
    socket.write(bytes);
    await isClosed(socket);
    expect(await isWell()).toBe(true);
  });

  it('a frame that comes a byte at a time is answered all the same', async () => {
    const socket = await open();
    const frame = Buffer.concat(writeRequest(listGroupsApi, 0, 9, 'slow', {}));
    for (const byte of frame.subarray(0, -1)) socket.write(Buffer.from([byte]));
    const payload = await ask([frame.subarray(-1)], socket);
    expect(readResponse(listGroupsApi, 0, payload).correlationId).toBe(9);
  });

  it('ApiVersions of a version to come is answered in the oldest form, with the error and all versions', async () => {
    const bytes = Buffer.from('0000000a0012006300000005ffff', 'hex');
    const { response, correlationId } = readResponse(apiVersionsApi, 0, await ask([bytes]));
    expect(correlationId).toBe(5);
    expect(response.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
    expect(response.apiKeys).toContainEqual({ apiKey: 18, minVersion: 0, maxVersion: 3 });
  });

  it('one connection more than allowed is closed, those before stay', async () => {
    const many = await Promise.all(Array.from({ length: 25 }, open));
    many.forEach((socket) => socket.resume());
    await waitFor(() => many.filter((socket) => socket.destroyed).length >= 5, {
      timeoutMs: 10_000,
      what: 'closed ones',
    });
    expect(many.filter((socket) => !socket.destroyed).length).toBeGreaterThan(10);
    many.forEach((socket) => socket.destroy());
    // The broker hears of it a moment later: until then it is full, and closes whoever comes.
    const isLetIn = (): Promise<boolean> => isWell().catch(() => false);
    await waitFor(isLetIn, { timeoutMs: 10_000, what: 'room for a connection' });
  });
});

describe('records', () => {
  it('a wrong checksum, another format, no batch at all, too large: refused, and nothing is stored', async () => {
    const corrupt = buildBatch([record]);
    corrupt[corrupt.length - 1]! ^= 1;
    const old = buildBatch([record]);
    old.writeInt8(1, 16);
    const huge = { ...record, value: Buffer.alloc(90_000) };
    await ask(
      writeRequest(createTopicsApi, 4, 1, 'test', {
        ...oneTopic('small'),
        topics: [{ ...oneTopic('small').topics[0]!, configs: [{ name: 'max.message.bytes', value: '1000' }] }],
      }),
    );
    await ledBy('small');
    const end = (await kafka.leaderOf('t'))!.logEndOffset;
    expect((await produce(corrupt)).errorCode).toBe(ErrorCode.CORRUPT_MESSAGE);
    expect((await produce(buildBatch([record]).subarray(0, 65))).errorCode).toBe(ErrorCode.CORRUPT_MESSAGE);
    expect((await produce(old)).errorCode).toBe(ErrorCode.INVALID_RECORD);
    expect((await produce(null)).errorCode).toBe(ErrorCode.INVALID_RECORD);
    expect((await produce(buildBatch([huge]), 'small')).errorCode).toBe(ErrorCode.MESSAGE_TOO_LARGE);
    expect((await produce(buildBatch([record]), 't', 7)).errorCode).toBe(ErrorCode.INVALID_REQUIRED_ACKS);
    expect((await produce(buildBatch([record]), '__consumer_offsets')).errorCode).toBe(
      ErrorCode.INVALID_TOPIC_EXCEPTION,
    );
    expect((await produce(buildBatch([record]), 'nobody')).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await kafka.leaderOf('t'))!.logEndOffset).toBe(end);
    expect((await produce(buildBatch([record]))).baseOffset).toBe(end);
  });

  it('an offset out of range, an epoch that is over or to come: Kafka’s errors', async () => {
    const { leaderEpoch } = (await kafka.leaderOf('t'))!;
    const fetch = async (fetchOffset: number, currentLeaderEpoch: number) => {
      const at = { partitionIndex: 0, currentLeaderEpoch, fetchOffset, logStartOffset: -1, partitionMaxBytes: 1000 };
      const request = {
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1000,
        isolationLevel: 0,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [{ name: 't', partitions: [at] }],
        forgottenTopics: [],
        rackId: '',
      };
      const payload = await ask(writeRequest(fetchApi, 11, 1, 'test', request));
      return readResponse(fetchApi, 11, payload).response.topics[0]!.partitions[0]!.errorCode;
    };
    expect(await fetch(0, leaderEpoch)).toBe(ErrorCode.NONE);
    expect(await fetch(1_000_000, -1)).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect(await fetch(-5, -1)).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect(await fetch(0, leaderEpoch + 1)).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH);
  });

  it('names that no topic may have are refused', async () => {
    for (const name of ['', '..', 'a/b', 'x'.repeat(250)]) {
      const payload = await ask(writeRequest(createTopicsApi, 4, 1, 'test', oneTopic(name)));
      const [topic] = readResponse(createTopicsApi, 4, payload).response.topics;
      expect(topic!.errorCode, name).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }
    const request = { topics: [{ name: 'a/b' }], allowAutoTopicCreation: true, ...noOperations };
    const payload = await ask(writeRequest(metadataApi, 8, 1, 'test', request));
    expect(readResponse(metadataApi, 8, payload).response.topics[0]!.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION);
  });
});

const noOperations = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
