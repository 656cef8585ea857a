export { isAllowed } from './check-acl.js';
export { DigestMd5Server, SASL_REALM, type SaslStep } from './digest-md5.js';
export { DigestProvider, type DigestProviderOptions, SUPER_ID, SUPER_SCHEME } from './digest-provider.js';
export { fixupAcl } from './fixup-acl.js';
export { AddressIdentities, ipIdentity, IpProvider } from './ip-provider.js';
export { type AuthProvider, AuthProviders } from './provider.js';
export type { RemoteParty } from './remote-party.js';
export { SaslProvider } from './sasl-provider.js';
export { X509Provider } from './x509-provider.js';
