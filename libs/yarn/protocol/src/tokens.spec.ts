import { describe, expect, it } from 'vitest';
import { mintContainerToken, mintMasterToken, openContainerToken, openMasterToken } from './tokens.js';

const key = Buffer.from('one key');
const claim = {
  containerId: 'container_e02_1_0001_01_000002',
  nodeId: 'nm1:8042',
  resource: { memoryMb: 256, vcores: 1 },
  rmIdentifier: 1,
  expiresAtMs: 99,
};

describe('tokens', () => {
  it('say what was claimed, to a holder of the key', () => {
    expect(openContainerToken(mintContainerToken(claim, key), key)).toEqual(claim);
    expect(openMasterToken(mintMasterToken('appattempt_1_0001_000001', key), key)).toBe('appattempt_1_0001_000001');
  });

  it('of another key are refused', () => {
    const foreign = mintContainerToken(claim, Buffer.from('another'));
    expect(() => openContainerToken(foreign, key)).toThrow(expect.objectContaining({ code: 'YARN_UNAUTHORIZED' }));
  });

  it('with an altered claim are refused', () => {
    const [, mac] = mintContainerToken(claim, key).split('.');
    const larger = Buffer.from(JSON.stringify({ ...claim, resource: { memoryMb: 9_999, vcores: 9 } }));
    const forged = `${larger.toString('base64url')}.${mac}`;
    expect(() => openContainerToken(forged, key)).toThrow(expect.objectContaining({ code: 'YARN_UNAUTHORIZED' }));
  });

  it.each(['', '.', 'x', 'x.y', 'a.b.c'])('%j is no token', (text) => {
    expect(() => openMasterToken(text, key)).toThrow(expect.objectContaining({ code: 'YARN_UNAUTHORIZED' }));
  });

  it('of a master are not tokens of a container', () => {
    expect(() => openContainerToken(mintMasterToken('appattempt_1_0001_000001', key), key)).toThrow();
  });
});
