/** The frames in which an agent sends a log to a collector. */
export {
  encodeFrame,
  encodeFrameHead,
  type Frame,
  FrameDecoder,
  FrameError,
  FrameKind,
  MAX_PAYLOAD_BYTES,
  STREAM_TYPE,
} from './frame.js';
