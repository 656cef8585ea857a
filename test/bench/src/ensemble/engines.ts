/** The two servers compared, started with the same configuration on the same disk. */
import {
  engineAvailable,
  startTestEnsemble,
  type Engine,
  type TestEnsemble,
  type TestServer,
} from '@menagerie/zookeeper-testing';

export const ENGINES = ['menagerie', 'apache'] as const satisfies readonly Engine[];
export type Size = 1 | 3 | 5;

/** Nobody is refused, nothing but fsync is switched on or off, snapshots come as they come by default. */
const BASE_CONFIG = { maxClientCnxns: '0', 'admin.enableServer': 'false', initLimit: '20', syncLimit: '5' };
/** The heap that Apache's own start script gives a server; everything else as the machine's Java decides. */
const JVM_OPTIONS = ['-Xmx1000m'];

export interface StartOptions {
  readonly servers: Size;
  readonly config?: Readonly<Record<string, string>>;
}

export function startEngine(subject: string, { servers, config = {} }: StartOptions): Promise<TestEnsemble> {
  return startTestEnsemble({
    servers,
    engine: engineOf(subject),
    tickTimeMs: 2000,
    config: { ...BASE_CONFIG, ...config },
    jvmOptions: JVM_OPTIONS,
  });
}

export function whyNotAvailable(): string | null {
  for (const engine of ENGINES) {
    const { available, reason } = engineAvailable(engine);
    if (!available) return reason;
  }
  return null;
}

export const pidsOf = (ensemble: TestEnsemble): number[] => ensemble.servers.flatMap((server) => server.pid ?? []);
export const hostsOf = (ensemble: TestEnsemble): string[] => ensemble.servers.map((server) => server.address);

/** The only server of a standalone one. */
export const onlyServer = (ensemble: TestEnsemble): TestServer => ensemble.server(1);

/** Of three or five servers the first that does not lead; of one, itself. */
export async function aFollower(ensemble: TestEnsemble): Promise<TestServer> {
  const leader = await ensemble.waitForLeader();
  return ensemble.servers.find((server) => server !== leader) ?? leader;
}

function engineOf(subject: string): Engine {
  const engine = ENGINES.find((each) => each === subject);
  if (engine === undefined) throw new Error(`expected ${ENGINES.join(' or ')}, got ${subject}`);
  return engine;
}
