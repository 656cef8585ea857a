/** What Node's TLS needs for one side of a connection. */
import { checkServerIdentity, connect, type ConnectionOptions, type TlsOptions, type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/tls-types.js';
import type { HostPort } from '../net/types.js';
import { loadIdentity, loadTrusted } from './key-stores.js';

/** @throws StoreError */
export function serverOptions(config: TlsConfig): TlsOptions {
  return {
    ...common(config),
    requestCert: config.clientAuth !== 'none',
    // The gate looks at the certificate itself, so that it can say what was wrong with it.
    rejectUnauthorized: false,
  };
}

/** Dials servers of the ensemble. */
export class TlsDialler {
  private readonly options: ConnectionOptions;

  /** @throws StoreError */
  constructor(private readonly config: TlsConfig) {
    this.options = common(config);
  }

  /** Connected when `secureConnect` comes; a certificate that does not fit is an error. */
  dial({ host, port }: HostPort): TLSSocket {
    const socket = connect({
      ...this.options,
      host,
      port,
      rejectUnauthorized: true,
      checkServerIdentity: (_, certificate) => {
        if (!this.config.hostnameVerification) return undefined;
        const byAddress = checkServerIdentity(socket.remoteAddress ?? host, certificate);
        return byAddress === undefined ? undefined : checkServerIdentity(host, certificate);
      },
    });
    socket.setNoDelay(true);
    return socket;
  }
}

function common({ keyStore, trustStore, versions, ciphers }: TlsConfig) {
  return {
    ...loadIdentity(keyStore),
    ...(trustStore === null ? {} : { ca: loadTrusted(trustStore) }),
    ...(ciphers === null ? {} : { ciphers }),
    minVersion: versions.min,
    maxVersion: versions.max,
  };
}
