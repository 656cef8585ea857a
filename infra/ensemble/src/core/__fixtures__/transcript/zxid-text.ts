/** Zxids as people say them: epoch and counter. */
import { counterOf, epochOf, makeZxid } from '../../contract/index.js';

export function parseZxid(text: string): bigint {
  if (text === '-1') return -1n;
  const [epoch, counter] = text.split(':').map(Number);
  if (epoch === undefined || counter === undefined || Number.isNaN(epoch + counter)) {
    throw new Error(`expected a zxid such as 4:17, found ${JSON.stringify(text)}`);
  }
  return makeZxid(epoch, counter);
}

export const zxidText = (zxid: bigint): string => (zxid < 0n ? `${zxid}` : `${epochOf(zxid)}:${counterOf(zxid)}`);
