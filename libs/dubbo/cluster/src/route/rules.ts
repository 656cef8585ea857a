/**
 * Rules as they stand in the tree, as URLs or as YAML, read into one shape.
 * Sources: `ConditionStateRouter.java`, `ConditionRuleParser.java`, `TagRuleParser.java`.
 */
import { DubboError, type DubboUrl } from '@menagerie/dubbo-url';
import { z } from 'zod';
import { readYaml } from '../configure/read-yaml.js';
import { type ConditionRule, parseCondition } from './condition.js';

export interface Route {
  readonly kind: 'condition';
  readonly rule: ConditionRule;
  /** Nobody left: then nobody is called. Otherwise the rule is passed over. */
  readonly force: boolean;
  readonly priority: number;
}

export interface TagRoute {
  readonly kind: 'tag';
  readonly force: boolean;
  /** Addresses by tag. */
  readonly tags: ReadonlyMap<string, ReadonlySet<string>>;
}

const MAX_CONDITIONS = 200;
const common = { enabled: z.boolean().default(true), force: z.boolean().default(false) };
const conditionSchema = z.object({
  ...common,
  priority: z.number().int().default(1),
  scope: z.string().optional(),
  key: z.string().optional(),
  conditions: z.array(z.string()).max(MAX_CONDITIONS),
});
const tagSchema = z.object({
  ...common,
  key: z.string().optional(),
  tags: z
    .array(z.object({ name: z.string().min(1), addresses: z.array(z.string()).nullish() }))
    .max(MAX_CONDITIONS)
    .default([]),
});

/** @throws DubboError `DUBBO_BAD_RULE` */
export function routeOf(url: DubboUrl): Route | null {
  if (url.get('enabled') === 'false') return null;
  let text: string;
  try {
    text = decodeURIComponent((url.get('rule') ?? '').replace(/\+/g, '%20'));
  } catch {
    throw new DubboError('DUBBO_BAD_RULE', `expected an encoded rule, got "${url.get('rule')}"`);
  }
  return {
    kind: 'condition',
    rule: parseCondition(text),
    force: url.get('force') === 'true',
    priority: url.number('priority', 0),
  };
}

/** @throws DubboError `DUBBO_BAD_RULE` */
export function conditionRules(yaml: string): readonly Route[] {
  const { enabled, force, priority, conditions } = readYaml(yaml, conditionSchema);
  if (!enabled) return [];
  return conditions.map((text) => ({ kind: 'condition', rule: parseCondition(text), force, priority }));
}

/** @throws DubboError `DUBBO_BAD_RULE` */
export function tagRule(yaml: string): TagRoute | null {
  const { enabled, force, tags } = readYaml(yaml, tagSchema);
  if (!enabled) return null;
  return { kind: 'tag', force, tags: new Map(tags.map(({ name, addresses }) => [name, new Set(addresses ?? [])])) };
}
