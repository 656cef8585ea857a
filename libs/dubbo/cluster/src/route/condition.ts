/** Condition rules: `host = 10.0.0.6 => host = 10.0.0.5`. Source: `ConditionStateRouter.java`. */
import { DubboError, type DubboUrl } from '@menagerie/dubbo-url';

interface Matcher {
  readonly matches: string[];
  readonly mismatches: string[];
}
type Condition = ReadonlyMap<string, Matcher>;

export interface ConditionRule {
  readonly when: Condition;
  /** Null: whoever the first half matches gets nobody. */
  readonly then: Condition | null;
}

const MAX_RULE_CHARS = 10_000;
const TERM = /([&!=,]*)\s*([^&!=,\s]+)/g;

/** @throws DubboError `DUBBO_BAD_RULE`, with what is wrong and where */
export function parseCondition(text: string): ConditionRule {
  if (text.trim() === '') throw new DubboError('DUBBO_BAD_RULE', 'expected consumer => provider, got an empty rule');
  if (text.length > MAX_RULE_CHARS) {
    throw new DubboError('DUBBO_BAD_RULE', `expected at most ${MAX_RULE_CHARS} characters, got ${text.length}`);
  }
  const rule = text.replaceAll('consumer.', '').replaceAll('provider.', '');
  const arrow = rule.indexOf('=>');
  const [when, then] = arrow < 0 ? ['', rule.trim()] : [rule.slice(0, arrow).trim(), rule.slice(arrow + 2).trim()];
  return {
    when: when === '' || when === 'true' ? new Map() : parseHalf(when),
    then: then === '' || then === 'false' ? null : parseHalf(then),
  };
}

function parseHalf(text: string): Condition {
  const condition = new Map<string, Matcher>();
  let matcher: Matcher | undefined;
  let values: string[] | undefined;
  for (const found of text.matchAll(TERM)) {
    const [, separator = '', content = ''] = found;
    const bad = (): never => {
      throw new DubboError(
        'DUBBO_BAD_RULE',
        `expected key = value & key != value, got "${separator}" before "${content}" at ${found.index} of "${text}"`,
      );
    };
    if (separator === '' || separator === '&') {
      matcher = condition.get(content) ?? { matches: [], mismatches: [] };
      condition.set(content, matcher);
      values = undefined;
    } else if (separator === '=' || separator === '!=') {
      if (matcher === undefined) return bad();
      values = separator === '=' ? matcher.matches : matcher.mismatches;
      values.push(content);
    } else if (separator === ',' && values !== undefined) values.push(content);
    else bad();
  }
  if (condition.size === 0) throw new DubboError('DUBBO_BAD_RULE', `expected key = value, got "${text}"`);
  for (const [key, { matches, mismatches }] of condition) {
    if (matches.length + mismatches.length > 0) continue;
    throw new DubboError('DUBBO_BAD_RULE', `expected "= value" or "!= value" after "${key}", got "${text}"`);
  }
  return condition;
}

/** Whether the rule speaks of this consumer's call. */
export const appliesTo = (rule: ConditionRule, consumer: DubboUrl, method: string): boolean =>
  holds(rule.when, consumer, consumer, method);

/** Whether it leaves this provider. */
export const leaves = (rule: ConditionRule, provider: DubboUrl, consumer: DubboUrl, method: string): boolean =>
  rule.then !== null && holds(rule.then, provider, consumer, method);

function holds(condition: Condition, url: DubboUrl, consumer: DubboUrl, method: string): boolean {
  for (const [key, { matches, mismatches }] of condition) {
    const value = valueOf(key, url, method);
    if (value === undefined) {
      // Nothing to compare: what must be something is not, what must not be something is right.
      if (matches.length > 0) return false;
      continue;
    }
    if (mismatches.some((pattern) => glob(pattern, value, consumer))) return false;
    if (matches.length > 0 && !matches.some((pattern) => glob(pattern, value, consumer))) return false;
  }
  return true;
}

function valueOf(key: string, url: DubboUrl, method: string): string | undefined {
  if (key === 'method' || key === 'methods') return method;
  if (key === 'host') return url.host;
  if (key === 'port') return String(url.port);
  if (key === 'address') return url.address;
  if (key === 'protocol') return url.protocol;
  return url.get(key);
}

/** One `*` stands for anything; `$key` for what the consumer says. */
function glob(pattern: string, value: string, consumer: DubboUrl): boolean {
  const text = pattern.startsWith('$') ? (valueOf(pattern.slice(1), consumer, '') ?? '') : pattern;
  if (text === '*') return true;
  const star = text.lastIndexOf('*');
  if (star < 0) return text === value;
  const [head, tail] = [text.slice(0, star), text.slice(star + 1)];
  return value.length >= head.length + tail.length && value.startsWith(head) && value.endsWith(tail);
}
