export type StoreType = 'PEM' | 'PKCS12' | 'JKS';
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';
/** Whether a client has to show a certificate, may, or is not asked. */
export type ClientAuth = 'need' | 'want' | 'none';

export interface KeyStoreConfig {
  readonly location: string;
  readonly type: StoreType;
  /** Empty if there is none. Never logged. */
  readonly password: string;
}

export interface TlsConfig {
  readonly keyStore: KeyStoreConfig;
  /** Null: the certificate authorities that Node knows. */
  readonly trustStore: KeyStoreConfig | null;
  readonly versions: { readonly min: TlsVersion; readonly max: TlsVersion };
  /** OpenSSL's names; null: Node's choice. */
  readonly ciphers: string | null;
  readonly clientAuth: ClientAuth;
  /** A server that is dialled must have the address or name in its certificate. */
  readonly hostnameVerification: boolean;
  /** Who dials must have it, too. */
  readonly clientHostnameVerification: boolean;
  /** How long a connection that may be plain or not has to show which. */
  readonly detectionTimeoutMs: number;
}
