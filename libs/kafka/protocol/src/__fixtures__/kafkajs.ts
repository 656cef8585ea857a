/** The codecs of a client of the wild, kafkajs, as a foreign witness of ours. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

interface ForeignEncoder {
  readonly buffer: Buffer;
}
interface ForeignMessage {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<ForeignEncoder> };
  readonly response: { decode(body: Buffer): Promise<unknown> };
}
interface ForeignApi {
  readonly versions: readonly string[];
  protocol(of: { readonly version: string }): (args: object) => ForeignMessage;
}

const createRequest = load('kafkajs/src/protocol/request.js') as (of: object) => Promise<ForeignEncoder>;
const { requests } = load('kafkajs/src/protocol/requests/index.js') as {
  readonly requests: Readonly<Record<string, ForeignApi>>;
};

/** The versions that kafkajs knows of an API. */
export const versionsOf = (name: string): readonly number[] => requests[name]!.versions.map(Number);

/** The frame kafkajs would send, without its length. */
export async function foreignRequest(name: string, version: number, args: object): Promise<Buffer> {
  const { request } = requests[name]!.protocol({ version: String(version) })(args);
  const frame = await createRequest({ correlationId: 7, clientId: 'witness', request });
  return frame.buffer.subarray(4);
}

/** What kafkajs makes of an answer's frame, as a client does: length and correlation id are taken off first. */
export async function foreignReading(name: string, version: number, args: object, frame: Buffer): Promise<unknown> {
  const { response } = requests[name]!.protocol({ version: String(version) })(args);
  return response.decode(frame.subarray(8));
}
