/** What a naming service reads from its environment: nothing of its own. */
import { patternEnv, patternSettings } from '@menagerie/platform-nest';
import { z } from 'zod';

export const namingConfig = z.object(patternEnv).transform(patternSettings);
