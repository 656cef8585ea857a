/** What a link to a broker fails with. What the broker answers are the protocol's error codes. */
export class LinkError extends Error {
  constructor(
    readonly code: `KAFKA_${string}`,
    message: string,
    /** Whether the same may succeed later without anybody changing anything. */
    readonly retryable: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = new.target.name;
  }
}

/** No answer from a broker. */
export class PeerError extends LinkError {
  constructor(peer: string, problem: string, cause?: unknown) {
    super('KAFKA_PEER', `${peer}: ${problem}`, true, cause);
  }
}
