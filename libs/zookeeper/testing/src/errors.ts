/** What can go wrong with the test kit itself, as against with what is tested. */

export type TestKitErrorCode =
  | 'TESTKIT_TIMEOUT'
  | 'TESTKIT_SERVER_EXITED'
  | 'TESTKIT_ENGINE_MISSING'
  | 'TESTKIT_NO_PORT'
  | 'TESTKIT_UNEXPECTED_ANSWER'
  | 'TESTKIT_MISUSE';

/** Base and only class: the code says what happened, the message what was expected and what came. */
export class TestKitError extends Error {
  constructor(
    readonly code: TestKitErrorCode,
    message: string,
    /** Whether trying again may help. */
    readonly retryable: boolean = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
