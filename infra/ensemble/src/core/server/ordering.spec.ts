/** Answers in the order of requests, reads behind own writes, events before what could show the change. */
import {
  encodeCreateRequest,
  encodeExistsRequest,
  encodeGetDataRequest,
  encodeSetDataRequest,
  encodeSyncRequest,
  ErrorCode,
  OPEN_ACL,
  OpCode,
} from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { Standalone, type TestClient } from '../__fixtures__/standalone.js';

const read = (client: TestClient, path = '/a', watch = false): Buffer =>
  client.frame(OpCode.getData, (writer) => encodeGetDataRequest(writer, { path, watch }));
const write = (client: TestClient, path = '/a'): Buffer =>
  client.frame(OpCode.setData, (writer) =>
    encodeSetDataRequest(writer, { path, data: Buffer.from('new'), version: -1 }),
  );
const sync = (client: TestClient): Buffer =>
  client.frame(OpCode.sync, (writer) => encodeSyncRequest(writer, { path: '/' }));
const ping = (client: TestClient): Buffer => client.frame(OpCode.ping, undefined, -2);

function setUp(): { cluster: Standalone; client: TestClient; other: TestClient } {
  const cluster = new Standalone();
  const client = cluster.connect();
  const other = cluster.connect();
  client.created('/a', { data: 'old' });
  cluster.manual = true;
  return { cluster, client, other };
}

describe('requests of one session', () => {
  it('are answered in order: a read behind an own write waits for it, pings and refusals too', () => {
    const { cluster, client } = setUp();
    client.sendFrames(read(client), write(client), read(client), ping(client), write(client), read(client));
    expect(client.takeAll()).toEqual(['0 to 2']);
    cluster.commit(1);
    expect(client.takeAll()).toEqual(['0 to 3', '0 to 4', '0 to -2']);
    cluster.commit(1);
    expect(client.takeAll()).toEqual(['0 to 5', '0 to 6']);
  });

  it('do not hold up those of others', () => {
    const { cluster, client, other } = setUp();
    client.sendFrames(write(client), read(client));
    other.sendFrames(read(other));
    expect(other.takeAll()).toEqual(['0 to 1']);
    expect(client.takeAll()).toEqual([]);
    cluster.commit();
    expect(client.takeAll()).toEqual(['0 to 2', '0 to 3']);
  });

  it('see their own write in the read behind it', () => {
    const { cluster, client } = setUp();
    client.sendFrames(write(client), read(client));
    cluster.commit();
    client.takeReply();
    expect(client.takeReply().body.readBuffer()).toEqual(Buffer.from('new'));
  });

  it('wait for a sync, and a write that is done before the sync is answered after it', () => {
    const { cluster, client } = setUp();
    client.sendFrames(sync(client), read(client), write(client), read(client));
    cluster.commit();
    expect(client.takeAll()).toEqual([]);
    cluster.server.synced(cluster.syncs[0]!);
    expect(client.takeAll()).toEqual(['0 to 2', '0 to 3', '0 to 4', '0 to 5']);
  });

  it('never see the zxid of an answer go back, also if a sync held up what was done before it', () => {
    const { cluster, client, other } = setUp();
    client.sendFrames(sync(client), write(client));
    cluster.commit();
    other.sendFrames(write(other));
    cluster.commit();
    cluster.server.synced(cluster.syncs[0]!);
    expect([client.takeReply().zxid, client.takeReply().zxid]).toEqual([5n, 5n]);
  });

  it('keep the identities they came with, also if they wait while others are added', () => {
    const { cluster, client } = setUp();
    const acl = [{ perms: 31, id: { scheme: 'digest', id: 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=' } }];
    cluster.manual = false;
    client.call(OpCode.auth, (writer) => {
      writer.writeInt(0);
      writer.writeString('digest');
      writer.writeBuffer(Buffer.from('bob:secret'));
    });
    client.created('/secret', { acl, data: 'x' });
    const stranger = cluster.connect();
    cluster.manual = true;
    stranger.sendFrames(write(stranger), read(stranger, '/secret'));
    stranger.send(
      OpCode.auth,
      (writer) => {
        writer.writeInt(0);
        writer.writeString('digest');
        writer.writeBuffer(Buffer.from('bob:secret'));
      },
      -4,
    );
    stranger.sendFrames(read(stranger, '/secret'));
    expect(stranger.takeAll()).toEqual(['0 to -4']);
    cluster.commit();
    expect(stranger.takeAll()).toEqual(['0 to 1', `${ErrorCode.NoAuth} to 2`, '0 to 3']);
  });

  it('are all answered with one write, as they came in one read', () => {
    const { client } = setUp();
    const before = client.link.writes.length;
    client.sendFrames(...Array.from({ length: 50 }, () => read(client)));
    expect(client.link.writes.length).toBe(before + 1);
    expect(client.takeAll()).toHaveLength(50);
  });

  it('are done although their client is gone, and nobody is answered', () => {
    const { cluster, client } = setUp();
    client.sendFrames(write(client), read(client));
    client.handler.closed();
    cluster.commit();
    expect(cluster.database.tree.get('/a')!.data).toBe('new');
    expect(client.link.writes.length).toBe(2);
  });
});

describe('an xid', () => {
  it.each([-2_000_000_000, -3, 0, 0x7fffffff])('of %i comes back as it is (ZOOKEEPER-3253)', (xid) => {
    const client = new Standalone().connect();
    client.send(OpCode.exists, (writer) => encodeExistsRequest(writer, { path: '/', watch: false }), xid);
    expect(client.takeReply()).toMatchObject({ xid, err: 0 });
  });
});

describe('an answer', () => {
  it('has the zxid of the state it was made from', () => {
    const { cluster, client, other } = setUp();
    client.sendFrames(write(client));
    other.sendFrames(read(other));
    expect(other.takeReply().zxid).toBe(3n);
    cluster.commit();
    expect(client.takeReply().zxid).toBe(4n);
    other.sendFrames(read(other), ping(other));
    expect([other.takeReply().zxid, other.takeReply().zxid]).toEqual([4n, 4n]);
  });
});

describe('an event', () => {
  it('comes before the answer to the write that caused it, and before any answer that could show it', () => {
    const { cluster, client, other } = setUp();
    client.sendFrames(read(client, '/a', true));
    other.sendFrames(read(other, '/a', true));
    client.sendFrames(write(client), read(client));
    cluster.commit();
    expect(client.takeAll()).toEqual(['0 to 2', 'NodeDataChanged /a', '0 to 3', '0 to 4']);
    other.sendFrames(read(other));
    expect(other.takeAll()).toEqual(['0 to 1', 'NodeDataChanged /a', '0 to 2']);
  });

  it('of each operation of a multi comes in their order', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    for (const path of ['/x', '/y']) client.exists(path, true);
    for (const path of ['/x', '/y']) {
      client.send(OpCode.create, (writer) =>
        encodeCreateRequest(writer, { path, data: null, acl: OPEN_ACL, flags: 0 }),
      );
    }
    cluster.settle();
    expect(client.takeAll()).toEqual(['NodeCreated /x', '0 to 3', 'NodeCreated /y', '0 to 4']);
  });

  it('that setWatches finds is in front of its answer, not inside', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/a');
    client.send(OpCode.setWatches, (writer) => {
      writer.writeLong(0n);
      writer.writeVector(['/a', '/b'], (to, path) => to.writeString(path));
      writer.writeVector([], () => {});
      writer.writeVector([], () => {});
    });
    expect(client.takeAll()).toEqual(['NodeDataChanged /a', 'NodeDeleted /b', '0 to 2']);
  });
});

describe('too much in flight', () => {
  it('stops reading from those who have something in flight, until it is answered', () => {
    const cluster = new Standalone({ globalOutstandingLimit: 3 });
    const [busy, idle] = [cluster.connect(), cluster.connect()];
    busy.created('/a');
    cluster.manual = true;
    busy.sendFrames(write(busy), write(busy), write(busy), write(busy));
    expect(busy.link.paused).toBe(true);
    idle.sendFrames(read(idle));
    expect(idle.link.paused).toBe(false);
    expect(cluster.server.stats().counters().outstandingRequests).toBe(4);
    cluster.commit(1);
    expect(busy.link.paused).toBe(false);
    cluster.commit();
    expect(cluster.server.stats().counters().outstandingRequests).toBe(0);
  });

  it('is over for all when the client who caused it goes', () => {
    const cluster = new Standalone({ globalOutstandingLimit: 1 });
    const client = cluster.connect();
    cluster.manual = true;
    client.sendFrames(write(client), write(client), write(client));
    client.handler.closed();
    expect(cluster.server.stats().counters().outstandingRequests).toBe(0);
    cluster.commit();
    expect(cluster.server.stats().counters().outstandingRequests).toBe(0);
  });
});

describe('bad input', () => {
  it.each([0, 10, 99, 13, 20, -1, -10, 500])('of type %i is refused, and the connection ends', (type) => {
    const { client } = setUp();
    client.send(type);
    expect(client.takeReply()).toMatchObject({ err: ErrorCode.Unimplemented });
    expect(client.link.closeReason).not.toBeNull();
  });

  it('that is refused waits for its turn like anything else', () => {
    const { cluster, client } = setUp();
    client.sendFrames(write(client), client.frame(99));
    expect(client.takeAll()).toEqual([]);
    cluster.commit();
    expect(client.takeAll()).toEqual(['0 to 2', '-6 to 3']);
  });

  it.each([
    OpCode.create,
    OpCode.delete,
    OpCode.setData,
    OpCode.getData,
    OpCode.exists,
    OpCode.getChildren2,
    OpCode.getAcl,
    OpCode.setAcl,
    OpCode.sync,
    OpCode.multi,
    OpCode.multiRead,
    OpCode.setWatches,
    OpCode.setWatches2,
    OpCode.addWatch,
    OpCode.removeWatches,
    OpCode.checkWatches,
    OpCode.createTtl,
    OpCode.getEphemerals,
    OpCode.getAllChildrenNumber,
  ])('of type %i that can not be read is answered -5, and the connection goes on', (type) => {
    const cluster = new Standalone();
    const client = cluster.connect();
    const reply = client.call(type, (writer) => writer.writeInt(0x7fffffff));
    expect(reply).toMatchObject({ xid: 1, err: ErrorCode.MarshallingError });
    expect(reply.body.remaining).toBe(0);
    expect(client.exists('/')).toMatchObject({ numChildren: 1 });
  });

  it('without even a header ends the connection', () => {
    const { client } = setUp();
    client.sendFrames(Buffer.from([1, 2, 3]));
    expect(client.link.closeReason).toMatch(/header/);
  });

  it('after the connection was closed is not looked at', () => {
    const { client } = setUp();
    client.sendFrames(client.frame(99), read(client));
    expect(client.takeAll()).toEqual(['-6 to 2']);
  });

  it('of an unknown scheme, or nothing at all, fails to authenticate and ends the connection', () => {
    const { client } = setUp();
    client.send(
      OpCode.auth,
      (writer) => {
        writer.writeInt(0);
        writer.writeString('nope');
        writer.writeBuffer(null);
      },
      -4,
    );
    expect(client.takeReply()).toMatchObject({ xid: -4, zxid: 0n, err: ErrorCode.AuthFailed });
    expect(client.link.closeReason).toMatch(/authentication/);
  });

  it.each([
    ['in number', 100, 10],
    ['in length', 3, 30_000],
  ])('with more identities than anybody needs, %s, ends the connection', (_, count, length) => {
    const { client } = setUp();
    const answers: number[] = [];
    for (let user = 0; user < count; user++) {
      client.send(
        OpCode.auth,
        (writer) => {
          writer.writeInt(0);
          writer.writeString('digest');
          writer.writeBuffer(Buffer.from(`${String(user).padStart(length, 'u')}:secret`));
        },
        -4,
      );
      answers.push(client.takeReply().err);
    }
    expect(answers.slice(0, -1).every((err) => err === ErrorCode.Ok)).toBe(true);
    expect(answers.at(-1)).toBe(ErrorCode.AuthFailed);
    expect(client.link.closeReason).toMatch(/too many identities/);
  });
});

describe('a node one may not read', () => {
  it('shows neither data nor stat, and leaves no watch (ZOOKEEPER-2590)', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/a', { acl: [{ perms: 30, id: { scheme: 'world', id: 'anyone' } }] });
    expect(client.getData('/a', true)).toBe(ErrorCode.NoAuth);
    expect(client.exists('/a', true)).toBe(ErrorCode.NoAuth);
    expect(cluster.server.stats().counters().watchCount).toBe(0);
    const acl = client.call(OpCode.getAcl, (writer) => writer.writeString('/a'));
    expect(acl.err).toBe(0);
    client.send(OpCode.exists, (writer) => encodeExistsRequest(writer, { path: '/none', watch: true }));
    expect(client.takeReply().err).toBe(ErrorCode.NoNode);
    expect(cluster.server.stats().counters().watchCount).toBe(1);
  });
});
