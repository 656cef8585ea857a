/** Checkers keep zxids as numbers, which are cheaper than bigints: exact below epoch 2,097,152. */
const EPOCH = 0x1_0000_0000;

export const hexZxid = (zxid: number): string => `0x${zxid.toString(16)}`;

/** Counter 0 stands for the beginning of an epoch and belongs to no transaction. */
export const isTransaction = (zxid: number): boolean => zxid % EPOCH !== 0;

export const epochOfZxid = (zxid: number): number => Math.floor(zxid / EPOCH);
