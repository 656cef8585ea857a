/** The version others see: the ZooKeeper whose behaviour this is, and which server does it. */
export const SERVER_VERSION = '3.8.0-menagerie.0.1.0';
