/** The messages of ZooKeeper.proto and HBase.proto that stand in znodes, with their field numbers. */
import protobuf from 'protobufjs/light.js';

const optional = (type: string, id: number) => ({ type, id });
const required = (type: string, id: number) => ({ type, id, rule: 'required' });

const root = protobuf.Root.fromJSON({
  nested: {
    ServerName: {
      fields: { hostName: required('string', 1), port: optional('uint32', 2), startCode: optional('uint64', 3) },
    },
    Master: {
      fields: { master: required('ServerName', 1), rpcVersion: optional('uint32', 2), infoPort: optional('uint32', 3) },
    },
    ClusterUp: { fields: { startDate: required('string', 1) } },
    ClusterId: { fields: { clusterId: required('string', 1) } },
    RegionServerInfo: { fields: { infoPort: optional('int32', 1) } },
    MetaRegionServer: { fields: { server: required('ServerName', 1), rpcVersion: optional('uint32', 2) } },
    RegionTransition: {
      fields: {
        eventTypeCode: required('uint32', 1),
        regionName: required('bytes', 2),
        createTime: required('uint64', 3),
        serverName: required('ServerName', 4),
        payload: optional('bytes', 5),
      },
    },
    SplitLogTask: { fields: { state: required('uint32', 1), serverName: required('ServerName', 2) } },
    Table: { fields: { state: required('uint32', 1) } },
  },
});

export const messages = Object.fromEntries(
  root.nestedArray.map((type) => [type.name, type as protobuf.Type]),
) as Readonly<Record<MessageName, protobuf.Type>>;
export type MessageName =
  | 'ServerName'
  | 'Master'
  | 'ClusterUp'
  | 'ClusterId'
  | 'RegionServerInfo'
  | 'MetaRegionServer'
  | 'RegionTransition'
  | 'SplitLogTask'
  | 'Table';
