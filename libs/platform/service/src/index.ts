/** What every process has: config, health, logs, metrics, graceful stop. */
import 'reflect-metadata';

export { env, serviceEnv, serviceSettings, type HostPort, type ServiceConfig } from './config/env.js';
export { parseConfig, type Environment } from './config/parse-config.js';
export { ConfigError, PortBusyError, ServiceError, StopDeadlineError, type ServiceErrorOptions } from './errors.js';
export { checked } from './http/checked.js';
export { errorAnswers, type ErrorAnswers } from './http/error-answers.js';
export { HealthRegistry, HealthState, type HealthCheck, type HealthReport } from './health/health-registry.js';
export { LOGGER, METRICS, SERVICE_CONFIG, SERVICE_IDENTITY, type ServiceIdentity } from './identity.js';
export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel } from './logging/logger.js';
export { NestLogger } from './logging/nest-logger.js';
export { PlatformModule, type PlatformOptions } from './platform.module.js';
export { ExitCode, runService, type RunOptions } from './run-service.js';
export { ShutdownOrder, StopPhase, type StopFailure } from './shutdown/shutdown-order.js';
export { startService, type RunningService, type ServiceModule, type StartOptions } from './start-service.js';
