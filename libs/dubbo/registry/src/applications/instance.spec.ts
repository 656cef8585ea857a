import { DubboUrl } from '@menagerie/dubbo-url';
import { describe, expect, it } from 'vitest';
import { decodeInstance, decodeMetadata, encodeInstance, metadataOf, urlsOf } from './instance.js';

const url = (port: number, pid: number) =>
  DubboUrl.parse(
    `tri://10.0.0.5:${port}/shop.Catalogue?application=catalogue&interface=shop.Catalogue&methods=price&pid=${pid}` +
      `&side=provider&timestamp=${1_690_000_000_000 + pid}&version=1.0.0`,
  );
const metadata = metadataOf('catalogue', [url(8201, 1)]);
const instance = { application: 'catalogue', host: '10.0.0.5', port: 8201, revision: metadata.revision };

describe('a revision', () => {
  it('is of what is offered, not of the process', () => {
    expect(metadataOf('catalogue', [url(8202, 2)]).revision).toBe(metadata.revision);
    expect(metadataOf('catalogue', [url(8201, 1).with({ methods: 'price,quote' })]).revision).not.toBe(
      metadata.revision,
    );
  });
});

describe('an instance', () => {
  it('stands as Dubbo’s service discovery writes it', () => {
    const json = encodeInstance({ ...instance, metadata: { pid: '1' } }, 1_690_000_000_000);
    expect(JSON.parse(json)).toEqual({
      name: 'catalogue',
      id: '10.0.0.5:8201',
      address: '10.0.0.5',
      port: 8201,
      sslPort: null,
      payload: {
        '@class': 'org.apache.dubbo.registry.zookeeper.ZookeeperInstance',
        id: '10.0.0.5:8201',
        name: 'catalogue',
        metadata: {
          pid: '1',
          'dubbo.metadata.revision': metadata.revision,
          'dubbo.metadata.storage-type': 'remote',
        },
      },
      registrationTimeUTC: 1_690_000_000_000,
      serviceType: 'DYNAMIC',
      uriSpec: null,
    });
    expect(decodeInstance(json)).toEqual({
      ...instance,
      metadata: { pid: '1', 'dubbo.metadata.storage-type': 'remote' },
    });
  });

  it('and its metadata are the URL that the interface’s own list would hold', () => {
    const own = { pid: '1', timestamp: '1690000000001' };
    const [found] = urlsOf({ ...instance, metadata: own }, decodeMetadata(JSON.stringify(metadata)));
    expect(found?.toString()).toBe(url(8201, 1).toString());
  });

  it.each(['', '{', '{"name":"x"}', '{"name":"x","id":"x","address":"h","port":0,"payload":{"metadata":{}}}'])(
    'that makes no sense is refused: %s',
    (json) => expect(() => decodeInstance(json)).toThrow(/expected an instance/),
  );
});
