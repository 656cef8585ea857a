/** The tree below `/hbase`, name by name as ZNodePaths.java and ZooKeeperWatcher.java have it (0.96 to 1.x). */
export type HBasePaths = ReturnType<typeof hbasePaths>;

/** @param base zookeeper.znode.parent */
export function hbasePaths(base = '/hbase') {
  const backupMasters = `${base}/backup-masters`;
  const regionServers = `${base}/rs`;
  const draining = `${base}/draining`;
  const transitions = `${base}/region-in-transition`;
  const tables = `${base}/table`;
  const splitLog = `${base}/splitWAL`;
  const peers = `${base}/replication/peers`;
  const queues = `${base}/replication/rs`;
  return {
    base,
    master: `${base}/master`,
    backupMasters,
    backupMaster: (server: string): string => `${backupMasters}/${server}`,
    /** Its deletion ends the cluster. */
    running: `${base}/running`,
    clusterId: `${base}/hbaseid`,
    regionServers,
    regionServer: (server: string): string => `${regionServers}/${server}`,
    draining,
    drainingServer: (server: string): string => `${draining}/${server}`,
    metaServer: `${base}/meta-region-server`,
    transitions,
    transition: (encodedRegion: string): string => `${transitions}/${encodedRegion}`,
    tables,
    table: (name: string): string => `${tables}/${name}`,
    splitLog,
    /** A log's path is the name of its task, encoded as by Java's URLEncoder. */
    splitTask: (walPath: string): string => `${splitLog}/${urlEncode(walPath)}`,
    walOfTask: (task: string): string => decodeURIComponent(task.slice(splitLog.length + 1).replaceAll('+', '%20')),
    /** Sequential; appears so that workers look at the tasks again. */
    rescan: `${splitLog}/RESCAN`,
    isRescan: (task: string): boolean => task.startsWith(`${splitLog}/RESCAN`),
    peers,
    queues,
    queueOf: (server: string): string => `${queues}/${server}`,
    /** What a first master makes, parents first. */
    all: [
      ...[base, backupMasters, regionServers, draining, transitions, tables, splitLog],
      ...[`${base}/replication`, peers, queues],
    ],
  } as const;
}

/** As `java.net.URLEncoder.encode(text, "UTF-8")`: what differs from JavaScript's is put right. */
const urlEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
