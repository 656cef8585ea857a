/** What a replica is told by its environment. */
import { env, serviceEnv, serviceSettings } from '@menagerie/service';
import type { Member } from '@menagerie/zookeeper-nest';
import { z } from 'zod';

/** `1=127.0.0.1:2181:2888:3888,2=...`: id, host, client port, quorum port, election port. */
const MEMBERS = /^\d+=[\w.-]+(:\d{1,5}){3}(,\d+=[\w.-]+(:\d{1,5}){3})*$/;

function membersOf(text: string): readonly Member[] {
  return text.split(',').map((each) => {
    const [id, address] = each.split('=') as [string, string];
    const [host, ...ports] = address.split(':') as [string, string, string, string];
    const [clientPort, quorumPort, electionPort] = ports.map(Number) as [number, number, number];
    return { id: Number(id), host, clientPort, quorumPort, electionPort };
  });
}

export const config = z
  .object({
    ...serviceEnv,
    MEMBER_ID: z.coerce.number().int().min(1).max(255),
    MEMBERS: z.string().regex(MEMBERS, 'expected id=host:client:quorum:election,...'),
    DATA_DIR: z.string().min(1),
    HTTP_PORT: env.port(),
    TICK_TIME_MS: z.coerce.number().int().min(100).default(2_000),
    SESSION_TIMEOUT_MS: z.coerce.number().int().min(500).default(6_000),
  })
  .transform((e) => ({
    ...serviceSettings(e, e.HTTP_PORT),
    memberId: e.MEMBER_ID,
    members: membersOf(e.MEMBERS),
    dataDir: e.DATA_DIR,
    tickTimeMs: e.TICK_TIME_MS,
    sessionTimeoutMs: e.SESSION_TIMEOUT_MS,
  }));

export type Config = z.infer<typeof config>;
