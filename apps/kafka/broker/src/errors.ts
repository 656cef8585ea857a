/** What a broker itself can fail with. What it tells clients are the protocol's error codes. */
import { ServiceError, type ServiceErrorOptions } from '@menagerie/service';

export class BrokerError extends ServiceError {
  constructor(code: `KAFKA_${string}`, message: string, options: Omit<ServiceErrorOptions, 'code'> = {}) {
    super(message, { code, ...options });
  }
}

/** The configuration file is not one, or not ours. One line, exit code 2. */
export const configMistake = (message: string, cause?: unknown): BrokerError =>
  new BrokerError('KAFKA_CONFIG', message, { userMistake: true, cause });

/** Another broker has our id, and keeps it. */
export const idTaken = (id: number): BrokerError =>
  new BrokerError('KAFKA_BROKER_ID_TAKEN', `broker.id: ${id} is taken by a live broker (/brokers/ids/${id})`, {
    userMistake: true,
  });

/** Another controller was elected: whatever we still wanted to write is not ours to write. */
export class ControllerMovedError extends BrokerError {
  constructor() {
    super('KAFKA_CONTROLLER_MOVED', 'expected to be the controller, another was elected');
  }
}
