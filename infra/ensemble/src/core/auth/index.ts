export { isAllowed } from './check-acl.js';
export { DigestProvider, type DigestProviderOptions, SUPER_ID } from './digest-provider.js';
export { fixupAcl } from './fixup-acl.js';
export { ipIdentity, IpProvider } from './ip-provider.js';
export { type AuthProvider, AuthProviders } from './provider.js';
