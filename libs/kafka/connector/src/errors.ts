/** What the consumers and producers of the ZooKeeper era fail with. */
export type ConnectorErrorCode =
  'KAFKA_REBALANCE_FAILED' | 'KAFKA_ASSIGNMENT' | 'KAFKA_NOTHING_LED' | 'KAFKA_NOT_WRITTEN' | 'KAFKA_UNREADABLE';

export class ConnectorError extends Error {
  constructor(
    readonly code: ConnectorErrorCode,
    message: string,
    /** Whether the same may succeed later without anybody changing anything. */
    readonly retryable: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = new.target.name;
  }
}

/** Every try met somebody else's claim (ConsumerRebalanceFailedException). The next change of the group is the next try. */
export class RebalanceFailedError extends ConnectorError {
  constructor(consumerId: string, tries: number) {
    super('KAFKA_REBALANCE_FAILED', `${consumerId}: no rebalance in ${tries} tries`, true);
  }
}

/** The members' subscriptions are not such that this strategy could divide anything. */
export class AssignmentError extends ConnectorError {
  constructor(message: string) {
    super('KAFKA_ASSIGNMENT', message, false);
  }
}
