/** How a connection is made safe: what `ConnectOptions` takes and drivers carry out. */
import type { PeerCertificate } from 'node:tls';

type Pem = string | Buffer;

/** A subset of `tls.ConnectionOptions` of Node, whose names and defaults these are. */
export interface TlsOptions {
  /** Who may have signed the server's certificate; default: those Node trusts. */
  readonly ca?: Pem | readonly Pem[];
  /** The client's own certificate and key, in PEM, for servers that ask for one (and for the `x509` scheme). */
  readonly cert?: Pem;
  readonly key?: Pem;
  /** Certificate and key in one, instead of `cert` and `key`. */
  readonly pfx?: Buffer;
  /** Of `key` or `pfx`. */
  readonly passphrase?: string;
  /** The name the certificate must have; default: the host of the connect string. */
  readonly servername?: string;
  /** False takes any certificate: encrypted, and with nobody known at the other end. Default true. */
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** In place of Node's own comparison of names: an error refuses the server. */
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/** SASL with DIGEST-MD5 (RFC 2831), the mechanism ZooKeeper has without Kerberos. */
export interface SaslOptions {
  readonly mechanism: 'DIGEST-MD5';
  readonly username: string;
  readonly password: string;
  /** The first part of the digest-uri; default `zookeeper`, as in Apache's client. */
  readonly serviceName?: string;
  /** Its second part; default `zk-sasl-md5`, as in Apache's client. */
  readonly serverName?: string;
}
