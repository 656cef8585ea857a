/** What the pure parts throw. What a client did wrong is the protocol's `KafkaAnswerError`. */
export type KafkaCoreErrorCode = 'KAFKA_ZNODE' | 'KAFKA_CONFIG';

export class KafkaCoreError extends Error {
  readonly retryable = false;

  constructor(
    readonly code: KafkaCoreErrorCode,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** A znode holds something else than Kafka writes there. */
export class ZnodeError extends KafkaCoreError {
  constructor(path: string, expected: string, data: Buffer) {
    super('KAFKA_ZNODE', `${path}: expected ${expected}, got ${JSON.stringify(data.toString('utf8', 0, 200))}`);
  }
}

/** A configuration value that cannot be. */
export class ConfigValueError extends KafkaCoreError {
  constructor(
    readonly key: string,
    problem: string,
  ) {
    super('KAFKA_CONFIG', `${key}: ${problem}`);
  }
}
