/** SaslAuthenticate: one message of the mechanism, each way. */
import { defineApi } from '../wire/api.js';
import { bytes, int16, int64, nullableString, since, struct } from '../wire/schema.js';

export const saslAuthenticateApi = defineApi(36, 'SaslAuthenticate', [0, 1], {
  request: struct({ authBytes: bytes }),
  response: struct({
    errorCode: int16,
    errorMessage: nullableString,
    authBytes: bytes,
    sessionLifetimeMs: since(1, int64, 0),
  }),
});
