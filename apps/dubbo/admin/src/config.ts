/** What an admin reads from its environment: nothing of its own. */
import { patternEnv, patternSettings } from '@menagerie/platform-nest';
import { z } from 'zod';

export const adminConfig = z.object(patternEnv).transform(patternSettings);
