/**
 * How a call travels: gRPC over HTTP/2, `/<interface>/<method>` with Triple's header names, arguments as a JSON array and
 * the result as JSON. Source: `dubbo-rpc-triple/.../TripleHeaderEnum.java`.
 */
import { Metadata, status as Status, type ServiceError } from '@grpc/grpc-js';
import { BusinessError, DubboError, type DubboErrorCode } from '@menagerie/dubbo-url';

/** Dubbo's cap on a message. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
export const DEFAULT_TIMEOUT_MS = 1_000;

export const Header = {
  version: 'tri-service-version',
  group: 'tri-service-group',
  consumer: 'tri-consumer-appname',
  /** JSON of a business error, base64; present in trailers only. */
  business: 'menagerie-business-error',
} as const;

export type Attachments = Readonly<Record<string, string>>;

const RESERVED = /^(tri-|grpc-|menagerie-|:|te$|content-type$|user-agent$)/;
/** Of all attachments together. */
const MAX_ATTACHMENT_BYTES = 8_192;

export const encodeValue = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? 'null');

/** @throws DubboError `DUBBO_BAD_ANSWER` */
export function decodeValue(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new DubboError('DUBBO_BAD_ANSWER', `expected JSON, got ${bytes.length} bytes of something else`, { cause });
  }
}

/** @throws DubboError `DUBBO_BAD_REQUEST` for a name that is not a caller's to use, or too much */
export function writeAttachments(metadata: Metadata, attachments: Attachments): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(attachments)) {
    if (!/^[a-z0-9_.-]{1,100}$/.test(key) || RESERVED.test(key)) {
      throw new DubboError(
        'DUBBO_BAD_REQUEST',
        `expected an attachment's name in lower case, not reserved, got "${key}"`,
      );
    }
    bytes += key.length + value.length * 3;
    metadata.set(key, encodeURIComponent(value));
  }
  if (bytes > MAX_ATTACHMENT_BYTES) {
    throw new DubboError('DUBBO_BAD_REQUEST', `expected attachments up to ${MAX_ATTACHMENT_BYTES} bytes, got ${bytes}`);
  }
}

export function readAttachments(metadata: Metadata): Attachments {
  const attachments: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata.getMap())) {
    if (RESERVED.test(key) || typeof value !== 'string') continue;
    try {
      attachments[key] = decodeURIComponent(value);
    } catch {
      attachments[key] = value;
    }
  }
  return attachments;
}

export const textOf = (metadata: Metadata, header: string): string => String(metadata.get(header)[0] ?? '');

export function businessTrailer({ reason, message }: BusinessError): Metadata {
  const trailer = new Metadata();
  trailer.set(Header.business, Buffer.from(JSON.stringify({ reason, message })).toString('base64'));
  return trailer;
}

interface Meaning {
  readonly code: DubboErrorCode;
  readonly retryable: boolean;
}
const meanings: Readonly<Partial<Record<number, Meaning>>> = {
  [Status.DEADLINE_EXCEEDED]: { code: 'DUBBO_TIMEOUT', retryable: true },
  [Status.UNAVAILABLE]: { code: 'DUBBO_UNREACHABLE', retryable: true },
  [Status.CANCELLED]: { code: 'DUBBO_CANCELLED', retryable: false },
  [Status.RESOURCE_EXHAUSTED]: { code: 'DUBBO_TOO_LARGE', retryable: false },
  [Status.UNIMPLEMENTED]: { code: 'DUBBO_UNKNOWN_METHOD', retryable: true },
  [Status.INVALID_ARGUMENT]: { code: 'DUBBO_BAD_REQUEST', retryable: false },
};

/** What gRPC says, in our words: the service's own refusal apart from everything else. */
export function errorOf(error: ServiceError, address: string, what: string): DubboError {
  const [business] = error.metadata?.get(Header.business) ?? [];
  if (typeof business === 'string') {
    const said = decodeValue(Buffer.from(business, 'base64')) as { reason?: unknown; message?: unknown };
    return new BusinessError(String(said.reason), String(said.message));
  }
  const { code, retryable } = meanings[error.code] ?? { code: 'DUBBO_BAD_ANSWER', retryable: true };
  const details = error.details === '' ? (Status[error.code] ?? String(error.code)) : error.details;
  return new DubboError(code, `${what} at ${address}: ${details}`, { retryable, cause: error });
}
