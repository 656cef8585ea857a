import { describe, expect, it } from 'vitest';
import { TalkingDatabase, transactionAt } from '../__fixtures__/transcript/fakes.js';
import { parseZxid, zxidText } from '../__fixtures__/transcript/zxid-text.js';
import type { PeerEffects } from '../contract/index.js';
import { History } from './history.js';

function historyAt(zxid: string, acceptedEpoch = 4, currentEpoch = 4) {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const database = new TalkingDatabase(say);
  database.recovered(parseZxid(zxid), []);
  const effects = {
    appendToLog: (appended: bigint) => say(`append ${zxidText(appended)}`),
    saveEpoch: (which: string, epoch: number) => say(`save ${which} ${epoch}`),
    truncateLog: (to: bigint) => say(`truncate ${zxidText(to)}`),
  } as Partial<PeerEffects> as PeerEffects;
  const history = new History(database, effects);
  history.start(parseZxid(zxid), acceptedEpoch, currentEpoch);
  return { history, said, append: (next: string) => history.append(transactionAt(parseZxid(next))) };
}

describe('a history', () => {
  it('may begin with transactions of an epoch not yet current: the crash came between "log" and "epoch"', () => {
    expect(historyAt('5:3', 5, 4).history.lastLoggedZxid).toBe(parseZxid('5:3'));
  });

  it.each([
    ['4:17', 4, 5, 'expected currentEpoch <= acceptedEpoch, got 5 > 4'],
    ['5:1', 4, 4, 'expected a log up to epoch 4, got 0x500000001'],
  ])('is refused at %s with epochs %i and %i', (zxid, accepted, current, message) => {
    expect(() => historyAt(zxid, accepted, current)).toThrow(message);
  });

  it('goes on in zxid order only', () => {
    const { append } = historyAt('4:17');
    append('4:18');
    expect(() => append('4:18')).toThrow('expected a zxid after 0x400000012, got 0x400000012');
  });

  it('adopts no epoch before it is on disk (ZOOKEEPER-4643)', () => {
    const { history, append } = historyAt('4:17', 5);
    append('4:18');
    expect(() => history.adoptEpoch(5, parseZxid('4:18'))).toThrow(
      'expected a durable history up to 0x400000012, got 0x400000011',
    );
    history.hear({ kind: 'durable', zxid: parseZxid('4:18') });
    history.adoptEpoch(5, parseZxid('4:18'));
    expect(history.currentEpoch).toBe(5);
  });

  it('adopts no epoch it has not promised, and promises none before the last', () => {
    const { history } = historyAt('4:17');
    expect(() => history.adoptEpoch(5, 0n)).toThrow('expected an epoch of 4 to 4, got 5');
    expect(() => history.promise(3)).toThrow('expected a promise of 4 or later, got 3');
  });

  it('is not appended to while it is cut', () => {
    const { history, append } = historyAt('4:17');
    history.truncate(parseZxid('4:15'));
    expect(() => append('4:18')).toThrow('expected nothing to be appended during a truncate');
    history.hear({ kind: 'truncated', zxid: parseZxid('4:15') });
    append('4:16');
    expect(history.lastLoggedZxid).toBe(parseZxid('4:16'));
  });

  it('is not cut while transactions wait for their commit', () => {
    const { history, append } = historyAt('4:17');
    append('4:18');
    expect(() => history.truncate(parseZxid('4:15'))).toThrow('expected no pending transactions, got 1');
  });
});
