/**
 * Longs without `readBigInt64BE`: that one makes three intermediate bigints per call, this makes the result only.
 * Two halves go through memory that a 32-bit and a 64-bit view share. It is scratch: nothing survives a call.
 */
const int64 = new BigInt64Array(1);
const int32 = new Int32Array(int64.buffer);
const bytes = new Uint8Array(int64.buffer);

int64[0] = 1n;
/** Which half of the shared memory is the low one on this machine. */
const LOW = bytes[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

const TWO_POW_32 = 0x1_0000_0000;

/** A signed 64-bit integer from its big-endian halves. */
export function int64FromHalves(high: number, low: number): bigint {
  int32[HIGH] = high;
  int32[LOW] = low;
  return int64[0]!;
}

/** The same as a number; null when it is not a safe integer. */
export function safeIntegerFromHalves(high: number, low: number): number | null {
  const value = (high | 0) * TWO_POW_32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : null;
}

/** Writes a bigint, modulo 2^64, as 8 big-endian bytes. */
export function writeInt64(target: Uint8Array, at: number, value: bigint): void {
  int64[0] = value;
  writeInt32(target, at, int32[HIGH]!);
  writeInt32(target, at + 4, int32[LOW]!);
}

/** Writes a safe integer as 8 big-endian bytes. */
export function writeSafeInteger(target: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_POW_32);
  writeInt32(target, at, high);
  writeInt32(target, at + 4, value - high * TWO_POW_32);
}

export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

export function readInt32(source: Uint8Array, at: number): number {
  return (source[at]! << 24) | (source[at + 1]! << 16) | (source[at + 2]! << 8) | source[at + 3]!;
}

export function readInt64(source: Uint8Array, at: number): bigint {
  return int64FromHalves(readInt32(source, at), readInt32(source, at + 4));
}
