/** Where configuration stands in the tree. `/config/<app>/<key>` is what applications read, with any client. */
export const configPaths = {
  values: '/config',
  app: (app: string) => `/config/${app}`,
  value: (app: string, key: string) => `/config/${app}/${key}`,
  center: '/config-center',
  /** Data: `{ readers: [digest ids] }`. */
  book: (app: string) => `/config-center/${app}`,
  /** Data: the number of the latest revision. Its version is what two publishers race for. */
  head: (app: string) => `/config-center/${app}/head`,
  history: (app: string) => `/config-center/${app}/history`,
  revision: (app: string, number: number) => `/config-center/${app}/history/${String(number).padStart(10, '0')}`,
  schemas: (app: string) => `/config-center/${app}/schemas`,
  schema: (app: string, key: string) => `/config-center/${app}/schemas/${key}`,
} as const;
