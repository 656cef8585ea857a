/**
 * What stands before the APIs on a SASL listener (SaslServerAuthenticator.java). Until somebody is known a connection may
 * ask which versions there are, choose a mechanism and authenticate; anything else closes it. Who fails is answered
 * SASL_AUTHENTICATION_FAILED a little later, so that passwords are not tried quickly, and then the connection is closed.
 */
import {
  type Api,
  apiVersionsApi,
  ErrorCode,
  KafkaDecodeError,
  Reader,
  readRequest,
  readRequestHeader,
  type RequestHeader,
  saslAuthenticateApi,
  saslHandshakeApi,
  writeResponse,
} from '@menagerie/kafka-protocol';
import type { SaslServer } from '@menagerie/kafka-core';
import type { Logger } from '@menagerie/service';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Answer, Dispatch } from '../net/connection.js';
import type { ConnectionInfo } from '../net/request-context.js';

/** `connection.failed.authentication.delay.ms`. */
const REFUSAL_DELAY_MS = 100;
/** `sasl.server.max.receive.size`: what a stranger may send in one frame. */
export const STRANGER_FRAME_BYTES = 512 * 1024;
/** The handshake of this version is followed by bare tokens instead of SaslAuthenticate requests. */
const BARE_TOKENS = 0;

export interface GateOptions {
  readonly mechanisms: readonly string[];
  /** One that is in `mechanisms`. */
  readonly server: (mechanism: string) => SaslServer;
  readonly next: Dispatch;
  /** For who is known. */
  readonly maxFrameBytes: number;
  readonly logger: Logger;
}

export class SaslGate {
  private state: 'stranger' | 'choosing-done' | 'known' | 'refused' = 'stranger';
  private exchange: { readonly server: SaslServer; readonly bare: boolean } | null = null;

  constructor(private readonly options: GateOptions) {}

  readonly dispatch: Dispatch = (payload, connection, signal) => {
    if (this.state === 'known') return this.options.next(payload, connection, signal);
    if (this.state === 'refused') throw new KafkaDecodeError('expected nothing after a refusal');
    if (this.exchange?.bare === true) return this.bareToken(payload, connection);
    const reader = new Reader(payload);
    const header = readRequestHeader(reader);
    if (header.apiKey === apiVersionsApi.key && this.exchange === null) {
      return this.options.next(payload, connection, signal);
    }
    if (header.apiKey === saslHandshakeApi.key && this.exchange === null) {
      return this.handshake(header, request(saslHandshakeApi, header, reader).mechanism, connection);
    }
    if (header.apiKey === saslAuthenticateApi.key && this.exchange !== null) {
      return this.authenticate(header, Buffer.from(request(saslAuthenticateApi, header, reader).authBytes), connection);
    }
    throw new KafkaDecodeError(`expected authentication first, got API key ${header.apiKey}`);
  };

  private handshake(header: RequestHeader, mechanism: string, connection: ConnectionInfo): Answer | Promise<Answer> {
    const { mechanisms, server } = this.options;
    const answer = (errorCode: ErrorCode) =>
      writeResponse(saslHandshakeApi, header.apiVersion, header.correlationId, { errorCode, mechanisms });
    if (!mechanisms.includes(mechanism)) {
      return this.refuse(connection, `mechanism ${mechanism}`, answer(ErrorCode.UNSUPPORTED_SASL_MECHANISM));
    }
    this.state = 'choosing-done';
    this.exchange = { server: server(mechanism), bare: header.apiVersion === BARE_TOKENS };
    return answer(ErrorCode.NONE);
  }

  private authenticate(header: RequestHeader, token: Buffer, connection: ConnectionInfo): Answer | Promise<Answer> {
    const step = this.exchange!.server.step(token);
    const answer = (errorCode: ErrorCode, errorMessage: string | null, authBytes: Buffer) =>
      writeResponse(saslAuthenticateApi, header.apiVersion, header.correlationId, {
        errorCode,
        errorMessage,
        authBytes,
        sessionLifetimeMs: 0,
      });
    if (step.kind === 'refused') {
      const message = 'Authentication failed: Invalid username or password';
      const refusal = answer(ErrorCode.SASL_AUTHENTICATION_FAILED, message, Buffer.alloc(0));
      return this.refuse(connection, step.why, refusal);
    }
    if (step.kind === 'known') this.admit(step.user, connection);
    return answer(ErrorCode.NONE, null, step.token);
  }

  private bareToken(token: Buffer, connection: ConnectionInfo): Answer {
    const step = this.exchange!.server.step(token);
    // There is no room for an error in this form: the connection ends.
    if (step.kind === 'refused') throw new KafkaDecodeError(`authentication refused: ${step.why}`);
    if (step.kind === 'known') this.admit(step.user, connection);
    const length = Buffer.alloc(4);
    length.writeInt32BE(step.token.length);
    return [length, step.token];
  }

  private admit(user: string, connection: ConnectionInfo): void {
    this.state = 'known';
    this.exchange = null;
    connection.principal = `User:${user}`;
    connection.maxFrameBytes = this.options.maxFrameBytes;
  }

  private async refuse(connection: ConnectionInfo, why: string, answer: Answer): Promise<Answer> {
    this.state = 'refused';
    this.options.logger.warn({ clientHost: connection.clientHost, why }, 'authentication refused');
    await sleep(REFUSAL_DELAY_MS);
    connection.endAfterAnswer = true;
    return answer;
  }
}

/** @throws KafkaDecodeError for a version we do not speak */
function request<Q, R>(api: Api<Q, R>, { apiVersion }: RequestHeader, reader: Reader): Q {
  if (apiVersion < api.minVersion || apiVersion > api.maxVersion) {
    throw new KafkaDecodeError(`expected ${api.name} of version up to ${api.maxVersion}, got ${apiVersion}`);
  }
  return readRequest(api, apiVersion, reader);
}
