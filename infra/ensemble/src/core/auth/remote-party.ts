/** What is known of who connects before it has said anything. */
export interface RemoteParty {
  readonly remoteAddress: string;
  /** The name in the certificate of a TLS client, RFC 2253 as Java writes it; null without one. */
  readonly certificateName: string | null;
}
