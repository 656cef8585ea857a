/** For who writes a driver: the seam, and the records of each call. */
export * from '../driver.js';
export { decodeWireReply, encodeWireCall, opCodeOf, type EncodedCallName } from './protocol/codecs.js';
export { setWatchesRequests, type SetWatches } from './protocol/set-watches.js';
