/** The trees of servers compared by what each computes over its own: the digest after the same transaction. */
import { fourLetterWord, waitFor, type TestServer } from '@menagerie/zookeeper-testing';

export interface DigestsInCommon {
  /** In hex. */
  readonly zxid: string;
  /** The different ones: one if the trees are equal. */
  readonly digests: ReadonlySet<string>;
}

/** By zxid in hex; every 128th transaction has one. */
async function digestsOf(server: TestServer): Promise<Map<string, string>> {
  const text = await fourLetterWord(server.host, server.clientPort, 'hash');
  return new Map([...text.matchAll(/^([0-9a-f]+): (-?\d+)$/gm)].map(([, zxid, digest]) => [zxid!, digest!]));
}

/** Of the last transaction that all have a digest of. @throws TestKitError `TESTKIT_TIMEOUT` if there is none */
export function digestsInCommon(servers: readonly TestServer[]): Promise<DigestsInCommon> {
  return waitFor(
    async () => {
      const all = await Promise.all(servers.map(digestsOf));
      const zxid = [...all[0]!.keys()].filter((each) => all.every((digests) => digests.has(each))).at(-1);
      return zxid === undefined ? null : { zxid, digests: new Set(all.map((digests) => digests.get(zxid)!)) };
    },
    { timeoutMs: 20_000, what: 'a transaction that all servers have a digest of' },
  );
}
