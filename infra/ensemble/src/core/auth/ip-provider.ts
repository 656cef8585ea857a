/**
 * ip: where the client connects from; every connection has one such identity from the start. An ACL names an IPv4
 * address, or one with a prefix length. Source: IPAuthenticationProvider.java of 3.8.
 */
import type { Id } from '@menagerie/zookeeper-protocol';
import type { AuthProvider } from './provider.js';
import type { RemoteParty } from './remote-party.js';

const ADDRESS_BITS = 32;

export class IpProvider implements AuthProvider {
  readonly scheme = 'ip';
  /** Nothing was proved: an address is only claimed. */
  readonly provesIdentity = false;

  authenticate(_credentials: Buffer | null, { remoteAddress }: RemoteParty): readonly Id[] {
    return [ipIdentity(remoteAddress)];
  }

  isValid(id: string): boolean {
    return parseRange(id) !== null;
  }

  matches(id: string, aclId: string): boolean {
    const range = parseRange(aclId);
    const address = parseAddress(id);
    return range !== null && address !== null && ((address ^ range.address) & range.mask) === 0;
  }

  userName(id: string): string {
    return id;
  }
}

/** IPv4 addresses that arrive on an IPv6 socket are IPv4 addresses. */
export function ipIdentity(remoteAddress: string): Id {
  return { scheme: 'ip', id: remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress };
}

/** What connections are from the start. Those of one address, which come in crowds, share one list. */
export class AddressIdentities {
  private address: string | null = null;
  private list: readonly Id[] = [];

  identities(remoteAddress: string): readonly Id[] {
    if (remoteAddress !== this.address) {
      this.address = remoteAddress;
      this.list = [ipIdentity(remoteAddress)];
    }
    return this.list;
  }
}

function parseRange(text: string): { address: number; mask: number } | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  const bits = slash < 0 ? ADDRESS_BITS : parseDecimal(text.slice(slash + 1), ADDRESS_BITS);
  if (address === null || bits === null) return null;
  // A shift by 32 is a shift by none.
  return { address, mask: bits === 0 ? 0 : -1 << (ADDRESS_BITS - bits) };
}

function parseAddress(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let address = 0;
  for (const part of parts) {
    const byte = parseDecimal(part, 255);
    if (byte === null) return null;
    address = (address << 8) | byte;
  }
  return address;
}

/** As Integer.parseInt: leading zeros and a sign are fine. */
function parseDecimal(text: string, max: number): number | null {
  if (!/^[+-]?[0-9]{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value >= 0 && value <= max ? value : null;
}
