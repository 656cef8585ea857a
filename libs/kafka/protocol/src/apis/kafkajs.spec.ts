/** Our codecs against those of kafkajs: what it writes we read, what we write it reads, byte for byte. */
import { describe, expect, it } from 'vitest';

import { foreignReading, foreignRequest, versionsOf } from '../__fixtures__/kafkajs.js';
import { samples } from '../__fixtures__/messages.js';
import { readRequest, readRequestHeader, readResponse, writeRequest, writeResponse } from '../wire/api.js';
import { Reader } from '../wire/reader.js';

const cases = samples.flatMap(({ api, args, answer, name = api.name }) =>
  versionsOf(name)
    .filter((version) => version >= api.minVersion && version <= api.maxVersion)
    .map((version) => ({ title: `${api.name} v${version}`, api, args, answer, name, version })),
);

describe('against kafkajs', () => {
  it('every API that kafkajs uses has a sample here', () => {
    // ApiVersions and SaslAuthenticate have no arguments to speak of; they have tests of their own.
    expect(samples.length).toBe(31);
    expect(cases.length).toBeGreaterThan(75);
  });

  it.each(cases)('$title: its request is read, and written again to the same bytes', async (each) => {
    const payload = await foreignRequest(each.name, each.version, each.args);
    const reader = new Reader(payload);
    expect(readRequestHeader(reader)).toEqual({
      apiKey: each.api.key,
      apiVersion: each.version,
      correlationId: 7,
      clientId: 'witness',
    });
    const request = readRequest(each.api, each.version, reader);
    const again = Buffer.concat(writeRequest(each.api, each.version, 7, 'witness', request));
    expect(again.subarray(4).toString('hex')).toBe(payload.toString('hex'));
  });

  it.each(cases)('$title: our answer is read whole by kafkajs, and by us', async (each) => {
    const frame = Buffer.concat(writeResponse(each.api, each.version, 7, each.answer));
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    const read = readResponse(each.api, each.version, frame.subarray(4));
    expect(read.correlationId).toBe(7);
    expect(Buffer.concat(writeResponse(each.api, each.version, 7, read.response)).equals(frame)).toBe(true);
    const reading = await foreignReading(each.name, each.version, each.args, frame);
    const foreign = JSON.stringify(reading, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    const errors = JSON.stringify(each.answer).match(/"errorCode":[1-9]\d*/g) ?? [];
    for (const error of errors) expect(foreign).toContain(error);
  });

  it.each(cases)('$title: cut short anywhere it is refused, and never more is read than is there', async (each) => {
    const payload = await foreignRequest(each.name, each.version, each.args);
    const body = new Reader(payload);
    readRequestHeader(body);
    for (let end = body.offset; end < payload.length; end++) {
      const reader = new Reader(payload.subarray(0, end));
      readRequestHeader(reader);
      expect(() => readRequest(each.api, each.version, reader), `${end} of ${payload.length}`).toThrow(
        expect.objectContaining({ code: 'KAFKA_DECODE' }),
      );
    }
  });
});
