/** The two servers compared, started with the same configuration on the same disk. */
import { startTestEnsemble, type Engine, type TestEnsemble, type TestServer } from '@menagerie/zookeeper-testing';

export const ENGINES = ['menagerie', 'apache'] as const satisfies readonly Engine[];
export type Size = 1 | 3 | 5;

/** Nobody is refused, nothing but fsync is switched on or off, snapshots come as they come by default. */
const config = { maxClientCnxns: '0', 'admin.enableServer': 'false', initLimit: '20', syncLimit: '5' };

export function startEngine(engine: Engine, servers: Size, tickTimeMs = 2000): Promise<TestEnsemble> {
  return startTestEnsemble({ servers, engine, tickTimeMs, config });
}

export const pidsOf = (ensemble: TestEnsemble): number[] => ensemble.servers.flatMap((server) => server.pid ?? []);
export const hostsOf = (ensemble: TestEnsemble): string[] => ensemble.servers.map((server) => server.address);

/** Of three or five servers the first that does not lead; of one, itself. */
export async function aFollower(ensemble: TestEnsemble): Promise<TestServer> {
  const leader = await ensemble.waitForLeader();
  return ensemble.servers.find((server) => server !== leader) ?? leader;
}
