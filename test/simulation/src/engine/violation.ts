/** A rule that was broken: what the checkers throw. */
export class Violation extends Error {
  constructor(
    readonly rule: string,
    message: string,
  ) {
    super(`${rule}: ${message}`);
    this.name = 'Violation';
  }
}
