/** What a monitor reads from its environment. */
import { replicatorEnv, replicatorSettings } from '@menagerie/replicator-nest';
import { z } from 'zod';

export const monitorConfig = z
  .object(replicatorEnv)
  .transform((e, context) => replicatorSettings(e, context) ?? z.NEVER);
