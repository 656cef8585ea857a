/** What a server reads from its environment. */
import { replicatorEnv, replicatorSettings } from '@menagerie/replicator-nest';
import { z } from 'zod';

export const serverConfig = z
  .object(replicatorEnv)
  .transform((e, context) => replicatorSettings(e, context) ?? z.NEVER);
