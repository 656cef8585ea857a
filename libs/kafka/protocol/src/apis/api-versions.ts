/**
 * ApiVersions: what a broker speaks, asked before anything else is known. A version it does not know is answered in the
 * form of version 0 with UNSUPPORTED_VERSION, and the client asks again (KIP-511).
 */
import { API_VERSIONS_KEY, defineApi } from '../wire/api.js';
import { array, int16, int32, since, string, struct } from '../wire/schema.js';

export const apiVersionsApi = defineApi(API_VERSIONS_KEY, 'ApiVersions', [0, 3], {
  flexibleFrom: 3,
  request: struct({ clientSoftwareName: since(3, string, ''), clientSoftwareVersion: since(3, string, '') }),
  response: struct({
    errorCode: int16,
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: since(1, int32, 0),
  }),
});
