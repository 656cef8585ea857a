import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { ZkNotDoneError } from './errors.js';
import { openTelemetryTracer } from './opentelemetry.js';

describe('spans of OpenTelemetry', () => {
  it('carry operation, path, and the error with what is known of the outcome', () => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const tracer = openTelemetryTracer(provider.getTracer('test'));
    tracer.startCall({ operation: 'getData', path: '/a' }).end(null);
    tracer.startCall({ operation: 'multi', path: undefined }).end(new ZkNotDoneError('ZK_NO_AUTH', 'no'));
    expect(exporter.getFinishedSpans().map(({ name, attributes, status }) => ({ name, attributes, status }))).toEqual([
      {
        name: 'zookeeper getData',
        attributes: { 'db.system.name': 'zookeeper', 'db.operation.name': 'getData', 'zookeeper.path': '/a' },
        status: { code: 0 },
      },
      {
        name: 'zookeeper multi',
        attributes: {
          'db.system.name': 'zookeeper',
          'db.operation.name': 'multi',
          'error.type': 'ZK_NO_AUTH',
          'zookeeper.outcome': 'not-done',
        },
        status: { code: 2, message: 'no' },
      },
    ]);
  });
});
