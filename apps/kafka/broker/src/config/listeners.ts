/** Kafka's listeners: `NAME://host:port`, with a security protocol for each name. */
export const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number];

export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: SecurityProtocol;
}

/** `NAME:PROTOCOL,NAME:PROTOCOL`; the protocols themselves are names too. Null when it is not that. */
export function parseProtocolMap(text: string): ReadonlyMap<string, SecurityProtocol> | null {
  const map = new Map<string, SecurityProtocol>(SECURITY_PROTOCOLS.map((name) => [name, name]));
  for (const part of text.split(',')) {
    const [name, protocol] = part.trim().split(':');
    const known = SECURITY_PROTOCOLS.find((each) => each === protocol);
    if (name === undefined || name === '' || known === undefined) return null;
    map.set(name, known);
  }
  return map;
}

/** Null when it is not a list of listeners with names from the map, each once. An empty host is `defaultHost`. */
export function parseListeners(
  text: string,
  protocols: ReadonlyMap<string, SecurityProtocol>,
  defaultHost: string,
): readonly Listener[] | null {
  const listeners: Listener[] = [];
  for (const part of text.split(',')) {
    const [, name = '', host, port] =
      /^([A-Za-z0-9_]+):\/\/([^\s:]*|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(part.trim()) ?? [];
    const securityProtocol = protocols.get(name.toUpperCase());
    if (host === undefined || securityProtocol === undefined || Number(port) > 65_535) return null;
    if (listeners.some((each) => each.name === name.toUpperCase())) return null;
    listeners.push({
      name: name.toUpperCase(),
      host: host === '' ? defaultHost : host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      securityProtocol,
    });
  }
  return listeners;
}
