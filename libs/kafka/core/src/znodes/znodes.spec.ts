/** What stands in ZooKeeper, to the letter: tools written for Kafka read it, and we read what Kafka wrote. */
import { describe, expect, it } from 'vitest';

import { offsetRecord, readGroupRecord, groupRecord } from '../group/group-records.js';
import { javaHash, partitionForKey } from '../java-hash.js';
import { decodeBroker, encodeBroker } from './broker-node.js';
import * as small from './small-nodes.js';
import { assignmentOf, decodePartitionState, decodeTopic, encodePartitionState, encodeTopic } from './topic-node.js';

const text = (data: Buffer) => data.toString('utf8');

describe('znodes', () => {
  it('a broker', () => {
    const endpoint = { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'h1', port: 9092 };
    const data = encodeBroker({ id: 1, endpoints: [endpoint], rack: 'r1' }, 1690000000000);
    expect(text(data)).toBe(
      '{"version":5,"host":"h1","port":9092,"jmx_port":-1,"timestamp":"1690000000000","endpoints":["PLAINTEXT://h1:9092"],' +
        '"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"rack":"r1","features":{}}',
    );
    expect(decodeBroker(1, data)).toEqual({ id: 1, endpoints: [endpoint], rack: 'r1' });
    const first = '{"version":1,"host":"h1","port":9092,"jmx_port":-1,"timestamp":"1690000000000"}';
    expect(decodeBroker(1, Buffer.from(first))).toEqual({ id: 1, endpoints: [endpoint], rack: null });
  });

  it('a topic, and the leadership of a partition', () => {
    const assignment = new Map([
      [0, assignmentOf([0, 1, 2])],
      [1, { replicas: [3, 1, 2], adding: [3], removing: [2] }],
    ]);
    const data = encodeTopic(assignment);
    expect(text(data)).toBe(
      '{"version":2,"partitions":{"0":[0,1,2],"1":[3,1,2]},"adding_replicas":{"1":[3]},"removing_replicas":{"1":[2]}}',
    );
    expect(decodeTopic('t', data)).toEqual(assignment);
    const old = Buffer.from('{"version":1,"partitions":{"10":[2],"2":[1]}}');
    expect([...decodeTopic('t', old).keys()]).toEqual([2, 10]);
    const state = { leader: 1, leaderEpoch: 3, isr: [1, 2], controllerEpoch: 5 };
    expect(text(encodePartitionState(state))).toBe(
      '{"controller_epoch":5,"leader":1,"version":1,"leader_epoch":3,"isr":[1,2]}',
    );
    expect(decodePartitionState('t', 0, encodePartitionState(state))).toEqual(state);
  });

  it('controller, epoch, cluster, changes, configs, producer ids', () => {
    expect(text(small.encodeController(1, 1690000000000))).toBe(
      '{"version":1,"brokerid":1,"timestamp":"1690000000000"}',
    );
    expect(text(small.encodeControllerEpoch(7))).toBe('7');
    expect(text(small.encodeClusterId('abc'))).toBe('{"version":"1","id":"abc"}');
    expect(text(small.encodeIsrChange([{ topic: 't', partition: 0 }]))).toBe(
      '{"version":1,"partitions":[{"topic":"t","partition":0}]}',
    );
    expect(text(small.encodeConfig({ 'retention.ms': '1000' }))).toBe('{"version":1,"config":{"retention.ms":"1000"}}');
    expect(small.decodeConfigChange(Buffer.from('{"version":1,"entity_type":"topics","entity_name":"t"}'))).toEqual({
      type: 'topics',
      entity: 't',
    });
    expect(small.decodeConfigChange(Buffer.from('{"version":2,"entity_path":"users/u/clients/c"}'))).toEqual({
      type: 'users',
      entity: 'u/clients/c',
    });
    const block = small.nextProducerIdBlock(Buffer.alloc(0), 0);
    expect(text(small.encodeProducerIdBlock(block))).toBe(
      '{"version":1,"broker":0,"block_start":"0","block_end":"999"}',
    );
    expect(small.nextProducerIdBlock(small.encodeProducerIdBlock(block), 2)).toEqual({
      brokerId: 2,
      first: 1000,
      last: 1999,
    });
  });

  it.each(['', '[]', '{"version":1}', '{"brokerid":"x"}', 'null'])('%j in /controller is refused by name', (data) => {
    expect(() => small.decodeController(Buffer.from(data))).toThrow(expect.objectContaining({ code: 'KAFKA_ZNODE' }));
  });
});

describe('records of the group topic', () => {
  it('offsets and groups come back as they went in', () => {
    const at = { topic: 't', partition: 3 };
    const committed = { offset: 42, leaderEpoch: 7, metadata: 'note', commitTimestampMs: 1000 };
    expect(readGroupRecord(offsetRecord('g', at, committed, 1))).toEqual({
      kind: 'offset',
      groupId: 'g',
      topicPartition: at,
      committed,
    });
    expect(readGroupRecord(offsetRecord('g', at, null, 1))).toMatchObject({ committed: null });
    const group = {
      generationId: 5,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: 'm1',
      members: [
        {
          memberId: 'm1',
          groupInstanceId: null,
          clientId: 'c',
          clientHost: '/127.0.0.1',
          sessionTimeoutMs: 1000,
          rebalanceTimeoutMs: 3000,
          protocols: [{ name: 'range', metadata: Buffer.from('meta') }],
          assignment: Buffer.from('mine'),
        },
      ],
    };
    expect(readGroupRecord(groupRecord('g', group, 1))).toEqual({ kind: 'group', groupId: 'g', group });
    expect(readGroupRecord(groupRecord('g', null, 1))).toMatchObject({ group: null });
  });

  it('a group is found by Java’s hash of its name', () => {
    expect(javaHash('hello')).toBe(99162322);
    expect(javaHash('polygenelubricants')).toBe(-2147483648);
    expect(partitionForKey('polygenelubricants', 50)).toBe(0);
  });
});
