/** Names as they stand in requests. */
import { RuleKind } from '@menagerie/dubbo-url';
import { z } from 'zod';

export const serviceName = z.string().regex(/^[\w.$-]{1,200}$/, 'expected the name of an interface');
export const address = z
  .string()
  .regex(/^([\w.-]{1,200}|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'expected host:port of a provider');
export const target = z
  .string()
  .regex(/^(\*|[\w.-]{1,200}(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?)$/, 'expected *, a host or host:port');
export const ruleId = z.string().regex(/^[0-9a-f]{10}$/, 'expected the id of a rule');
/** Of an application, or of a service as `interface:version:group`. */
export const ruleName = z.string().regex(/^[\w.$:*-]{1,300}$/, 'expected an application, or interface:version:group');
export const ruleKind = z.enum(RuleKind, `expected ${Object.values(RuleKind).join(', ')}`);
