import { decode, encode } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { addressOf, domainOf, listOf } from './address.js';
import { answerTo, type Resolve } from './dns-answer.js';
import { DEFAULT_HEALTH, HealthTable } from './health.js';
import { chooseTarget, NO_OVERRIDES, readOverrides, targetsOf } from './table.js';

const targets = [
  { address: '127.0.0.1:8080', weight: 3 },
  { address: '127.0.0.2:8081', weight: 1 },
];
const resolve: Resolve = (name) => (name === 'server.app1.company1.com' ? targets : name === 'closed.com' ? [] : null);
const ask = (type: 'A' | 'SRV' | 'AAAA', name: string, transport: 'udp' | 'tcp' = 'udp') => {
  const answer = answerTo(encode({ type: 'query', id: 7, questions: [{ type, name }] }), resolve, transport);
  return answer === null ? null : (decode(answer) as ReturnType<typeof decode> & { rcode: string; flag_tc: boolean });
};

describe('addresses', () => {
  it.each(['', '127.0.0.1', '0.0.0.0:1', '256.0.0.1:1', '127.0.0.1:0', '127.0.0.1:65536', '224.0.0.1:1', 'host:80'])(
    '"%s" is refused',
    (text) => expect(() => addressOf(text)).toThrow(/^expected an IPv4 address of a host and a port, got/),
  );

  it('names are compared in lower case and without the dot at the end; what is no name is none', () => {
    expect(domainOf('Server.App1.COM.')).toBe('server.app1.com');
    for (const bad of ['', 'a..b', '-a.com', `${'a'.repeat(64)}.com`, 'a b.com', 'a/b'])
      expect(domainOf(bad)).toBeNull();
  });

  it('a list that others wrote keeps what can be used', () => {
    expect(listOf('127.0.0.1:1, 127.0.0.1:1,nonsense,127.0.0.2:2')).toEqual(['127.0.0.1:1', '127.0.0.2:2']);
  });
});

describe('tables', () => {
  const list = '127.0.0.1:1,127.0.0.2:2';
  it('masks, weights, fixed lists and closing are applied when the table is read', () => {
    const of = (more: object) => targetsOf(list, { ...NO_OVERRIDES, ...more }).map(({ address }) => address);
    expect(of({ masked: ['127.0.0.1:1'] })).toEqual(['127.0.0.2:2']);
    expect(of({ fixed: ['127.0.0.9:9'] })).toEqual(['127.0.0.9:9']);
    expect(of({ closed: true })).toEqual([]);
    expect(targetsOf(list, readOverrides('not json'))).toHaveLength(2);
  });

  it('chooses by weight, and anybody when all weights are nothing', () => {
    const at = (random: number) => chooseTarget(targets, random)?.address;
    expect([at(0), at(0.74), at(0.76)]).toEqual(['127.0.0.1:8080', '127.0.0.1:8080', '127.0.0.2:8081']);
    expect(
      chooseTarget(
        targets.map((each) => ({ ...each, weight: 0 })),
        0.9,
      )?.address,
    ).toBe('127.0.0.2:8081');
    expect(chooseTarget([], 0.5)).toBeNull();
  });
});

describe('health', () => {
  const options = { ...DEFAULT_HEALTH, reportMs: 1_000 };
  const keys = (count: number) => new Set(Array.from({ length: count }, (_, at) => `k${at}`));
  /** Everybody but `silent` reports each second from 0 on; looks as often. */
  const run = (table: HealthTable, all: ReadonlySet<string>, silent: ReadonlySet<string>, untilMs: number) => {
    for (let now = 1_000; now <= untilMs; now += 1_000) {
      for (const key of all) if (!silent.has(key)) table.report(key, now);
      const { remove } = table.look(now, 1_000);
      if (remove.length > 0) return { remove, now };
    }
    return null;
  };
  const fresh = (count: number, more: Partial<typeof options> = {}) => {
    const table = new HealthTable({ ...options, ...more }, 0);
    table.known(keys(count), 0);
    return table;
  };

  it('one that is silent is out after three missed reports, by the strict rule after one', () => {
    const dead = new Set(['k1']);
    expect(run(fresh(3), keys(3), dead, 9_000)).toEqual({ remove: ['k1'], now: 4_000 });
    expect(run(fresh(3, { missesAllowed: 1 }), keys(3), dead, 9_000)).toEqual({ remove: ['k1'], now: 2_000 });
  });

  it('when many are silent at once nobody is out, until a person says that it is true', () => {
    const table = fresh(20);
    const dead = new Set([...keys(4)]);
    expect(run(table, keys(20), dead, 30_000)).toBeNull();
    table.confirm();
    expect(table.look(31_000, 1_000).remove).toEqual([...dead]);
    expect(run(fresh(20), keys(20), new Set(['k1', 'k2', 'k3']), 9_000)?.remove).toHaveLength(3);
  });

  it("a scanner's own pause is nobody's silence", () => {
    const table = fresh(3);
    expect(table.look(60_000, 1_000).silent).toEqual([]);
    expect(table.look(64_000, 1_000).silent).toEqual([]);
  });

  it('one that was out is in after two reports in a row, and not after one', () => {
    const table = fresh(3);
    table.removed('k1');
    expect(table.report('k1', 10_000)).toBe(false);
    expect(table.report('k1', 20_000)).toBe(false);
    expect(table.report('k1', 21_000)).toBe(true);
  });
});

describe('DNS', () => {
  it('A gives the hosts, SRV the ports with targets that resolve, whatever the case of the name', () => {
    expect(ask('A', 'Server.app1.company1.com')?.answers?.map((each) => each.type === 'A' && each.data)).toEqual([
      '127.0.0.1',
      '127.0.0.2',
    ]);
    const srv = ask('SRV', '_http._tcp.server.app1.company1.com');
    expect(srv?.answers?.map((each) => each.type === 'SRV' && [each.data.port, each.data.weight])).toEqual([
      [8080, 3],
      [8081, 1],
    ]);
    const [first] = srv?.answers ?? [];
    const target = first?.type === 'SRV' ? first.data.target : '';
    expect(ask('A', target)?.answers?.map((each) => each.type === 'A' && each.data)).toEqual(['127.0.0.1']);
  });

  it('an unknown name is NXDOMAIN; a known one without such a record, or closed, is an empty answer', () => {
    for (const name of ['nobody.com', 'a-9-9-9-9.server.app1.company1.com', '_http._tcp.nobody.com']) {
      expect(ask('A', name)).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
    }
    expect(ask('AAAA', 'server.app1.company1.com')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(ask('A', 'closed.com')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it('what is malformed is FORMERR with the id that was sent, or nothing at all; never an exception', () => {
    const good = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'server.app1.company1.com' }] });
    for (let length = 0; length < good.length; length += 1) {
      const answer = answerTo(good.subarray(0, length), resolve, 'udp');
      if (length < 12) expect(answer).toBeNull();
      else expect([answer?.readUInt16BE(0), (answer?.readUInt16BE(2) ?? 0) & 0xf]).toEqual([7, 1]);
    }
    const response = Buffer.from(good);
    response.writeUInt16BE(0x8000, 2);
    expect(answerTo(response, resolve, 'udp')).toBeNull();
    const update = Buffer.from(good);
    update.writeUInt16BE(5 << 11, 2);
    expect((answerTo(update, resolve, 'udp')?.readUInt16BE(2) ?? 0) & 0xf).toBe(4);
  });

  it('what does not fit into a packet is cut, and whole over TCP', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ address: `10.0.0.${at + 1}:80`, weight: 1 }));
    const question = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'many.com' }] });
    const cut = answerTo(question, () => many, 'udp');
    expect(cut?.length).toBeLessThanOrEqual(512);
    expect(decode(cut as Buffer)).toMatchObject({ flag_tc: true, answers: [] });
    expect(decode(answerTo(question, () => many, 'tcp') as Buffer).answers).toHaveLength(100);
  });
});
