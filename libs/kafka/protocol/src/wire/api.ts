/** What an API is: its key, its versions, and its two messages. */
import { KafkaDecodeError } from '../errors.js';
import { Reader } from './reader.js';
import { type Codec, skipTags, type Wire } from './schema.js';
import { Writer } from './writer.js';

export interface Api<Q = unknown, R = unknown> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** The first version with compact fields and tagged headers. */
  readonly flexibleFrom: number;
  readonly request: Codec<Q>;
  readonly response: Codec<R>;
}

export type RequestOf<A> = A extends Api<infer Q, infer _R> ? Q : never;
export type ResponseOf<A> = A extends Api<infer _Q, infer R> ? R : never;

/** `flexibleFrom` for an API of which we speak plain versions only. */
export const NEVER_FLEXIBLE = 1000;

export function defineApi<Q, R>(
  key: number,
  name: string,
  [minVersion, maxVersion]: readonly [min: number, max: number],
  messages: { readonly request: Codec<Q>; readonly response: Codec<R>; readonly flexibleFrom?: number },
): Api<Q, R> {
  const { request, response, flexibleFrom = NEVER_FLEXIBLE } = messages;
  return { key, name, minVersion, maxVersion, flexibleFrom, request, response };
}

export const API_VERSIONS_KEY = 18;

export const wireOf = (api: Api<unknown, unknown>, version: number): Wire => ({
  version,
  flexible: version >= api.flexibleFrom,
});

export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * Header v1: api_key int16, api_version int16, correlation_id int32, client_id nullable_string. The client id has an
 * int16 length in every header version; header v2 only adds tags, which `readRequest` passes over.
 */
export function readRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const length = reader.int16();
  return { apiKey, apiVersion, correlationId, clientId: length < 0 ? null : reader.text(length, 'a client id') };
}

/** The request behind its header. @throws KafkaDecodeError also when bytes are left over */
export function readRequest<Q>(api: Api<Q, unknown>, version: number, reader: Reader): Q {
  const wire = wireOf(api, version);
  if (wire.flexible) skipTags(reader);
  const request = api.request.read(reader, wire);
  if (reader.remaining > 0) {
    throw new KafkaDecodeError(`expected the end of ${api.name} v${version}, got ${reader.remaining} bytes more`);
  }
  return request;
}

/** A whole frame, length first. */
export function writeRequest<Q>(
  api: Api<Q, unknown>,
  version: number,
  correlationId: number,
  clientId: string | null,
  request: Q,
): Buffer[] {
  const wire = wireOf(api, version);
  const writer = new Writer();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  if (clientId === null) writer.int16(-1);
  else {
    writer.int16(Buffer.byteLength(clientId));
    writer.text(clientId);
  }
  if (wire.flexible) writer.unsignedVarint(0);
  api.request.write(writer, request, wire);
  return framed(writer);
}

/** A whole frame, length first. ApiVersions always answers with the oldest header, for who asks knows nothing yet. */
export function writeResponse<R>(api: Api<unknown, R>, version: number, correlationId: number, response: R): Buffer[] {
  const wire = wireOf(api, version);
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (wire.flexible && api.key !== API_VERSIONS_KEY) writer.unsignedVarint(0);
  api.response.write(writer, response, wire);
  return framed(writer);
}

/** The response in a frame's payload. @throws KafkaDecodeError */
export function readResponse<R>(
  api: Api<unknown, R>,
  version: number,
  payload: Buffer,
): { readonly correlationId: number; readonly response: R } {
  const wire = wireOf(api, version);
  const reader = new Reader(payload);
  const correlationId = reader.int32();
  if (wire.flexible && api.key !== API_VERSIONS_KEY) skipTags(reader);
  const response = api.response.read(reader, wire);
  if (reader.remaining > 0) {
    throw new KafkaDecodeError(
      `expected the end of the answer to ${api.name} v${version}, got ${reader.remaining} bytes more`,
    );
  }
  return { correlationId, response };
}

/** Puts the length in front. */
function framed(writer: Writer): Buffer[] {
  const length = writer.length - 4;
  const pieces = writer.take();
  pieces[0]!.writeInt32BE(length, 0);
  return pieces;
}
