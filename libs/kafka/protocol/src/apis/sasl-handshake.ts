/** SaslHandshake: which mechanism. After version 0 raw SASL frames follow, after version 1 SaslAuthenticate requests. */
import { defineApi } from '../wire/api.js';
import { array, int16, string, struct } from '../wire/schema.js';

export const saslHandshakeApi = defineApi(17, 'SaslHandshake', [0, 1], {
  request: struct({ mechanism: string }),
  response: struct({ errorCode: int16, mechanisms: array(string) }),
});
