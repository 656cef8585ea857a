/** `/brokers/ids/N`: a broker that is alive (BrokerIdZNode). Its czxid is the broker's epoch. */
import { brokerPath } from './paths.js';
import { encodeJson, JsonNode } from './json.js';

export interface Endpoint {
  readonly listener: string;
  readonly securityProtocol: string;
  readonly host: string;
  readonly port: number;
}

export interface BrokerNode {
  readonly id: number;
  readonly endpoints: readonly Endpoint[];
  readonly rack: string | null;
}

const VERSION = 5;
const ENDPOINT = /^([A-Za-z0-9_]+):\/\/(.*):(\d+)$/;

/** Host and port at the top are the first plaintext endpoint's, for clients of the first version. */
export function encodeBroker({ endpoints, rack }: BrokerNode, timestampMs: number): Buffer {
  const plain = endpoints.find((each) => each.securityProtocol === 'PLAINTEXT');
  return encodeJson({
    version: VERSION,
    host: plain?.host ?? null,
    port: plain?.port ?? -1,
    jmx_port: -1,
    timestamp: String(timestampMs),
    endpoints: endpoints.map(({ listener, host, port }) => `${listener}://${host}:${port}`),
    listener_security_protocol_map: Object.fromEntries(
      endpoints.map(({ listener, securityProtocol }) => [listener, securityProtocol]),
    ),
    ...(rack === null ? {} : { rack }),
    features: {},
  });
}

/** Any version from 1 on. @throws ZnodeError */
export function decodeBroker(id: number, data: Buffer): BrokerNode {
  const json = new JsonNode(brokerPath(id), data);
  const protocols = json.textMap('listener_security_protocol_map');
  const texts = json.texts('endpoints');
  const endpoints =
    texts.length === 0
      ? [{ listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: json.text('host'), port: json.int('port') }]
      : texts.map((text): Endpoint => {
          const [, listener, host, port] = ENDPOINT.exec(text) ?? [];
          if (listener === undefined || host === undefined) throw json.wrong('endpoints as LISTENER://host:port');
          return { listener, securityProtocol: protocols[listener] ?? listener, host, port: Number(port) };
        });
  return { id, endpoints, rack: json.optionalText('rack') };
}
