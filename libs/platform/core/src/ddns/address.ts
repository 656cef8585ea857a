/** Names, addresses, and the text they stand in: `127.0.0.1:8080,127.0.0.2:8080`, as the book writes it. */
import { PatternError } from '../errors.js';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const MAX_DOMAIN = 200;
/** A list is one znode, read whole by everybody at each change. */
export const MAX_ADDRESSES = 200;

/** The form in which a name is kept: lower case, no dot at the end. @returns null for what is no name */
export function domainOf(text: string): string | null {
  const domain = text.toLowerCase().replace(/\.$/, '');
  return domain.length <= MAX_DOMAIN && domain.split('.').every((label) => LABEL.test(label)) ? domain : null;
}

/** @throws PatternError `DDNS_BAD_ADDRESS` for anything but an IPv4 address that one may connect to, and a port */
export function addressOf(text: string): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}):(\d{1,5})$/.exec(text);
  const [a = 256, b = 256, c = 256, d = 256, port = 0] = match?.slice(1).map(Number) ?? [];
  // 0.0.0.0/8 is nobody, 224.0.0.0/4 many, 240.0.0.0/4 reserved.
  const isHost = a > 0 && a < 224 && [b, c, d].every((byte) => byte <= 255);
  if (isHost && port >= 1 && port <= 65_535) return `${a}.${b}.${c}.${d}:${port}`;
  throw new PatternError('DDNS_BAD_ADDRESS', `expected an IPv4 address of a host and a port, got "${text}"`);
}

export const hostIn = (address: string): string => address.slice(0, address.indexOf(':'));
export const portIn = (address: string): number => Number(address.slice(address.indexOf(':') + 1));

/** What a domain's node holds. What is no address is left out: others may write there. */
export function listOf(text: string): readonly string[] {
  const addresses: string[] = [];
  for (const part of text.split(',').slice(0, MAX_ADDRESSES)) {
    try {
      const address = addressOf(part.trim());
      if (!addresses.includes(address)) addresses.push(address);
    } catch {
      // Nobody can connect to it.
    }
  }
  return addresses;
}

export const textOf = (addresses: readonly string[]): string => addresses.join(',');
