/**
 * From a DNS question to its answer (RFC 1035, SRV by RFC 2782, sizes by RFC 6891), without a socket.
 *
 * `name A` gives the hosts of its addresses; `name SRV`, or `_service._tcp.name SRV`, gives ports, each with a target
 * `a-127-0-0-1.name` that resolves too. TTLs are one second: a change is pushed, and no resolver shall hold it back.
 */
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  type DecodedPacket,
  encode,
  type Packet,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { domainOf, hostIn, portIn } from './address.js';
import type { Target } from './table.js';

export const TTL_SECONDS = 1;
const HEADER_BYTES = 12;
/** RFC 1035 2.3.4: without EDNS a message over UDP is no longer. */
const PLAIN_UDP_BYTES = 512;
/** Fits into one packet on nearly every path (DNS flag day 2020). */
const MAX_UDP_BYTES = 1_232;
const MAX_TCP_BYTES = 65_535;

const Rcode = { ok: 0, formatError: 1, nameError: 3, notImplemented: 4 } as const;
type Rcode = (typeof Rcode)[keyof typeof Rcode];

/** The targets of a name, in the order they shall be given; null for a name that nobody has registered. */
export type Resolve = (domain: string) => readonly Target[] | null;

/** @returns null for what must not be answered: an answer (it might answer back), or too short to have an id */
export function answerTo(message: Buffer, resolve: Resolve, transport: 'udp' | 'tcp'): Buffer | null {
  if (message.length < HEADER_BYTES || (message.readUInt16BE(2) & 0x8000) !== 0) return null;
  const opcode = (message.readUInt16BE(2) >> 11) & 0xf;
  if (opcode !== 0) return bare(message, Rcode.notImplemented);
  let question: DecodedPacket;
  try {
    question = decode(message);
  } catch {
    return bare(message, Rcode.formatError);
  }
  const [asked, ...others] = question.questions ?? [];
  if (asked === undefined || others.length > 0) return bare(message, Rcode.formatError);
  const domain = domainOf(asked.name);
  const found = domain === null ? null : lookUp(domain, asked.type, resolve);
  const answer: Packet = {
    type: 'response',
    id: question.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | ((question.flags ?? 0) & 0x100),
    questions: [asked],
    answers: found?.answers.map((each) => (each.name === domain ? { ...each, name: asked.name } : each)) ?? [],
    additionals: found?.additionals ?? [],
  };
  const limit = transport === 'tcp' ? MAX_TCP_BYTES : udpLimit(question);
  const bytes = encode(answer);
  if (bytes.length <= limit) return found === null ? withRcode(bytes, Rcode.nameError) : bytes;
  return encode({ ...answer, flags: (answer.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], additionals: [] });
}

interface Found {
  readonly answers: Answer[];
  readonly additionals: Answer[];
}

function lookUp(domain: string, type: string, resolve: Resolve): Found | null {
  const targets = resolve(domain);
  if (targets !== null) {
    const hosts = [...new Set(targets.map(({ address }) => hostIn(address)))];
    if (type === 'A') return { answers: hosts.map((host) => a(domain, host)), additionals: [] };
    if (type === 'SRV') return srv(domain, domain, targets);
    // Known, and has no record of this type.
    return { answers: [], additionals: [] };
  }
  const service = /^_[\w-]+\._(?:tcp|udp)\.(?<name>.+)$/.exec(domain)?.groups?.['name'];
  const served = service === undefined ? null : resolve(service);
  if (service !== undefined && served !== null) {
    return type === 'SRV' ? srv(domain, service, served) : { answers: [], additionals: [] };
  }
  const host = /^a-(?<ip>\d+-\d+-\d+-\d+)\.(?<name>.+)$/.exec(domain)?.groups;
  const ip = host?.['ip']?.replaceAll('-', '.');
  const isThere = resolve(host?.['name'] ?? '')?.some(({ address }) => hostIn(address) === ip) ?? false;
  if (!isThere || ip === undefined) return null;
  return { answers: type === 'A' ? [a(domain, ip)] : [], additionals: [] };
}

function srv(asked: string, domain: string, targets: readonly Target[]): Found {
  const nameOf = (address: string) => `a-${hostIn(address).replaceAll('.', '-')}.${domain}`;
  return {
    answers: targets.map(({ address, weight }) => ({
      type: 'SRV' as const,
      name: asked,
      ttl: TTL_SECONDS,
      data: { priority: 0, weight, port: portIn(address), target: nameOf(address) },
    })),
    additionals: [...new Map(targets.map(({ address }) => [nameOf(address), hostIn(address)]))].map(([name, host]) =>
      a(name, host),
    ),
  };
}

const a = (name: string, data: string): Answer => ({ type: 'A', name, ttl: TTL_SECONDS, data });

function udpLimit({ additionals = [] }: Packet): number {
  const edns = additionals.find((each) => each.type === 'OPT') as { udpPayloadSize?: number } | undefined;
  return Math.min(Math.max(edns?.udpPayloadSize ?? PLAIN_UDP_BYTES, PLAIN_UDP_BYTES), MAX_UDP_BYTES);
}

/** A header and nothing else, with the id that was sent. */
function bare(message: Buffer, rcode: Rcode): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  // The opcode and "recursion desired" come back as they were.
  header.writeUInt16BE(0x8000 | (message.readUInt16BE(2) & 0x7900), 2);
  return withRcode(header, rcode);
}

function withRcode(bytes: Buffer, rcode: Rcode): Buffer {
  bytes.writeUInt16BE((bytes.readUInt16BE(2) & 0xfff0) | rcode, 2);
  return bytes;
}
