/** Where each call lives. Reads are at YARN's own REST paths; calls between parts of YARN are under `/rpc`. */
export const RmPath = {
  info: '/ws/v1/cluster/info',
  metrics: '/ws/v1/cluster/metrics',
  nodes: '/ws/v1/cluster/nodes',
  apps: '/ws/v1/cluster/apps',
  newApplication: '/ws/v1/cluster/apps/new-application',
  app: (applicationId: string) => `/ws/v1/cluster/apps/${applicationId}`,
  appState: (applicationId: string) => `/ws/v1/cluster/apps/${applicationId}/state`,
  registerNode: '/rpc/resource-tracker/register',
  nodeHeartbeat: '/rpc/resource-tracker/heartbeat',
  unregisterNode: '/rpc/resource-tracker/unregister',
  registerMaster: '/rpc/application-master/register',
  allocate: '/rpc/application-master/allocate',
  finishMaster: '/rpc/application-master/finish',
} as const;

export const NmPath = {
  info: '/ws/v1/node/info',
  startContainer: '/rpc/containers/start',
  stopContainer: '/rpc/containers/stop',
  /** A file that a container of the application left in its output directory. */
  output: (containerId: string, file: string) => `/output/${containerId}/${encodeURIComponent(file)}`,
} as const;
