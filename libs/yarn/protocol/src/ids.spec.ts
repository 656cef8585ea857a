import { describe, expect, it } from 'vitest';
import {
  applicationOfContainer,
  attemptOfContainer,
  containerNumber,
  containerOfNumber,
  formatApplicationId,
  formatAttemptId,
  formatContainerId,
  parseApplicationId,
  parseAttemptId,
  parseContainerId,
} from './ids.js';

describe('ids', () => {
  const container = { clusterTimestamp: 1410901177871, sequence: 1, attempt: 1, epoch: 17, container: 5 };

  it('are spelled as YARN spells them', () => {
    expect(formatApplicationId(container)).toBe('application_1410901177871_0001');
    expect(formatAttemptId(container)).toBe('appattempt_1410901177871_0001_000001');
    expect(formatContainerId(container)).toBe('container_e17_1410901177871_0001_01_000005');
  });

  it('leave out the epoch of the first life', () => {
    expect(formatContainerId({ ...container, epoch: 0 })).toBe('container_1410901177871_0001_01_000005');
    expect(parseContainerId('container_1410901177871_0001_01_000005').epoch).toBe(0);
  });

  it('grow past their padding', () => {
    const text = formatContainerId({ ...container, sequence: 12345, attempt: 100, epoch: 1000, container: 1234567 });
    expect(text).toBe('container_e1000_1410901177871_12345_100_1234567');
    expect(formatContainerId(parseContainerId(text))).toBe(text);
  });

  it('are read back', () => {
    expect(parseApplicationId('application_1_0042')).toEqual({ clusterTimestamp: 1, sequence: 42 });
    expect(parseAttemptId('appattempt_1_0042_000003')).toEqual({ clusterTimestamp: 1, sequence: 42, attempt: 3 });
    expect(parseContainerId(formatContainerId(container))).toEqual(container);
    expect(attemptOfContainer(formatContainerId(container))).toBe('appattempt_1410901177871_0001_000001');
    expect(applicationOfContainer(formatContainerId(container))).toBe('application_1410901177871_0001');
  });

  it('carry the epoch above 40 bits in their number', () => {
    expect(containerNumber(container)).toBe((17n << 40n) | 5n);
    expect(containerOfNumber(container, (17n << 40n) | 5n)).toEqual(container);
  });

  it.each([
    '',
    'application_x_0001',
    'application_1_1',
    'app_1_0001',
    'application_1_0001/../x',
    'container_1_0001_01',
  ])('refuse %j and say what was expected', (text) => {
    expect(() => parseApplicationId(text)).toThrow(/expected application_<timestamp>_<number>, got/);
  });
});
