/** Where DDNS stands in the tree. A domain's own node, with its plain list, is the book's; the rest is ours. */
export const ddnsPaths = {
  root: '/DDNS',
  app: (app: string) => `/DDNS/${app}`,
  /** Data: `ip:port,ip:port`. */
  domain: (app: string, domain: string) => `/DDNS/${app}/${domain}`,
  /** Data: what the Controller says, as JSON. */
  overrides: (app: string, domain: string) => `/DDNS/${app}/${domain}/overrides`,
  owners: '/DDNS/.owners',
  /** Data: the application whose domain it is. One node a domain, so that two cannot have it. */
  owner: (domain: string) => `/DDNS/.owners/${domain}`,
  /** Data: `{ id, url }` of the scanner that leads; providers report there. */
  scanner: '/DDNS/.scanner',
} as const;
