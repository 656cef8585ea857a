/** Where the ResourceManagers are: `rm1=127.0.0.1:8088,rm2=127.0.0.1:8089`. */
import { addressSchema, YarnRequestError } from '@menagerie/yarn-protocol';

export interface RmAddress {
  readonly rmId: string;
  /** `host:port` */
  readonly address: string;
}

/** More ResourceManagers than anybody runs. */
const MAX_ADDRESSES = 16;

/** @throws YarnRequestError with one line that says what was expected */
export function parseRmAddresses(text: string): readonly RmAddress[] {
  const wrong = (what: string) =>
    new YarnRequestError('YARN_INVALID_REQUEST', `RM_ADDRESSES: expected id=host:port,..., got ${what}`);
  const addresses = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [rmId = '', address = ''] = part.split('=', 2);
      if (!/^[A-Za-z0-9_-]{1,100}$/.test(rmId) || !addressSchema.safeParse(address).success) {
        throw wrong(JSON.stringify(part));
      }
      return { rmId, address };
    });
  if (addresses.length === 0) throw wrong('nothing');
  if (addresses.length > MAX_ADDRESSES)
    throw wrong(`${addresses.length} of them, at most ${MAX_ADDRESSES} are allowed`);
  if (new Set(addresses.map((one) => one.rmId)).size < addresses.length) throw wrong('the same id twice');
  return addresses;
}

export const formatRmAddresses = (addresses: readonly RmAddress[]): string =>
  addresses.map((one) => `${one.rmId}=${one.address}`).join(',');
