/** The variables that every process of the replicator takes, beside those of any service. */
import { credentialsIn, patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ReplicatorConfig extends PatternConfig {
  /** `user:password` of the digest scheme: who may read and write tasks, which hold passwords. */
  readonly credentials: string;
}

export const replicatorEnv = { ...patternEnv, REPLICATOR_SECRET_FILE: env.text() } as const;

type Variables = Parameters<typeof patternSettings>[0] & { readonly REPLICATOR_SECRET_FILE: string };

/** For a schema's `transform`: a file that cannot be used is one clear line. */
export function replicatorSettings(e: Variables, context: z.core.$RefinementCtx): ReplicatorConfig | null {
  try {
    return { ...patternSettings(e), credentials: credentialsIn(e.REPLICATOR_SECRET_FILE, 'replicator') };
  } catch (error) {
    const message = `expected a file that can be read or made: ${(error as Error).message}`;
    context.addIssue({ code: 'custom', path: ['REPLICATOR_SECRET_FILE'], message });
    return null;
  }
}

export const replicatorVariables = {
  REPLICATOR_SECRET_FILE: 'holds the credentials of all replicator processes; made when it is missing',
} as const;
