/** Keys that say how much may come in at once. Source: BlueThrottle.java, RequestThrottler.java, ZooKeeperServer.java. */
import {
  type ConnectionThrottleConfig,
  type ConnectionWeights,
  NO_CONNECTION_THROTTLE,
} from '../../core/server/index.js';
import type { Settings } from './settings.js';

/**
 * Requests in flight before connections with something in flight are not read. Apache keeps what is above
 * `request_throttle_max_requests` in a queue and looks again every stall time; here it stays in the sockets. So nothing
 * grows old in a queue, and the keys about requests that did (`request_throttle_stall_time`, `..._drop_stale`,
 * `throttledOpWaitTime`) have nothing to say.
 */
export function parseOutstandingLimit(settings: Settings): number {
  const outstanding = settings.integer('globalOutstandingLimit', { min: 1 }) ?? 1000;
  const throttled = settings.integer('request_throttle_max_requests', { min: 0 }) ?? 0;
  return throttled === 0 ? outstanding : Math.min(outstanding, throttled);
}

export function parseConnectionThrottle(settings: Settings): ConnectionThrottleConfig {
  const { fillTimeMs, fillCount, dropIncrease, dropDecrease, decreaseRatio } = NO_CONNECTION_THROTTLE;
  const freezeTimeMs = settings.integer('connection_throttle_freeze_time', { min: -1 }) ?? -1;
  const tokens = settings.integer('connection_throttle_tokens', { min: 0 }) ?? 0;
  const weights = parseWeights(settings);
  if (tokens > 0 && Math.max(...Object.values(weights)) > tokens) {
    throw settings.problem('connection_throttle_tokens', `expected enough for one session, found ${tokens}`);
  }
  return {
    tokens,
    fillTimeMs: settings.integer('connection_throttle_fill_time', { min: 1 }) ?? fillTimeMs,
    fillCount: settings.integer('connection_throttle_fill_count', { min: 1 }) ?? fillCount,
    freezeTimeMs: freezeTimeMs === -1 ? null : freezeTimeMs,
    dropIncrease: fraction(settings, 'connection_throttle_drop_increase') ?? dropIncrease,
    dropDecrease: fraction(settings, 'connection_throttle_drop_decrease') ?? dropDecrease,
    decreaseRatio: fraction(settings, 'connection_throttle_decrease_ratio') ?? decreaseRatio,
    weights,
  };
}

function parseWeights(settings: Settings): ConnectionWeights {
  const weight = (key: string, usual: number): number => settings.integer(key, { min: 1 }) ?? usual;
  const weights = {
    globalSession: weight('connection_throttle_global_session_weight', 3),
    renewSession: weight('connection_throttle_renew_session_weight', 2),
    localSession: weight('connection_throttle_local_session_weight', 1),
  };
  return settings.boolean('connection_throttle_weight_enabled') === true ? weights : NO_CONNECTION_THROTTLE.weights;
}

function fraction(settings: Settings, key: string): number | null {
  const value = settings.number(key);
  if (value === null || (value >= 0 && value <= 1)) return value;
  throw settings.problem(key, `expected a part from 0 to 1, found ${value}`);
}
