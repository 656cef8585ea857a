import { describe, expect, it } from 'vitest';
import { parseEnsembleConfig } from './ensemble-config.js';

describe('the text of /zookeeper/config', () => {
  it('names servers, their roles and where clients reach them', () => {
    const text = [
      'server.1=a.example:2888:3888:participant;0.0.0.0:2181',
      'server.2=b.example:2888:3888:observer;10.0.0.2:2182',
      'server.3=[fd00::3]:2888:3888:participant;[::]:2183',
      'server.4=d.example:2888:3888;2184',
      'server.5=e.example:2888:3888:participant',
      'group.1=1:2:3',
      'version=10000000f',
    ].join('\n');
    expect(parseEnsembleConfig(text)).toEqual({
      members: [
        { id: 1, role: 'participant', clientAddress: 'a.example:2181' },
        { id: 2, role: 'observer', clientAddress: '10.0.0.2:2182' },
        { id: 3, role: 'participant', clientAddress: '[fd00::3]:2183' },
        { id: 4, role: 'participant', clientAddress: 'd.example:2184' },
        { id: 5, role: 'participant', clientAddress: null },
      ],
      version: 0x10000000fn,
      text,
    });
  });

  it('may be empty, as on a server that stands alone', () => {
    expect(parseEnsembleConfig('')).toEqual({ members: [], version: 0n, text: '' });
  });
});
