/** CRC-32C (Castagnoli), the checksum of record batches, by the processor's own instruction where there is one. */
import { crc32c as native } from '@node-rs/crc32';

export const crc32c = (bytes: Buffer): number => native(bytes);
