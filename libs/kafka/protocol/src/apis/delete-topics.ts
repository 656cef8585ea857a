/** DeleteTopics. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, since, string, struct } from '../wire/schema.js';

export const deleteTopicsApi = defineApi(20, 'DeleteTopics', [0, 3], {
  request: struct({ topicNames: array(string), timeoutMs: int32 }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    responses: array(struct({ name: string, errorCode: int16 })),
  }),
});
