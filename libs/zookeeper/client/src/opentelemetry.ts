/**
 * Spans of OpenTelemetry for the client's calls. Needs `@opentelemetry/api`, an optional peer dependency.
 * Source of the names: OpenTelemetry's semantic conventions for database clients.
 */
import { SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { ClientTracer } from './tracing.js';

/** For `ConnectOptions.tracer`. @param tracer default: the global provider's, by this package's name */
export function openTelemetryTracer(tracer: Tracer = trace.getTracer('@menagerie/zookeeper-client')): ClientTracer {
  return {
    startCall({ operation, path }) {
      const attributes = {
        'db.system.name': 'zookeeper',
        'db.operation.name': operation,
        ...(path !== undefined && { 'zookeeper.path': path }),
      };
      const span = tracer.startSpan(`zookeeper ${operation}`, { kind: SpanKind.CLIENT, attributes });
      return {
        end(error) {
          if (error !== null) {
            span.setAttributes({ 'error.type': error.code, 'zookeeper.outcome': error.outcome });
            span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
          }
          span.end();
        },
      };
    },
  };
}
