/** The small records: who is active, the layout's version, the epoch, the key that signs the masters' tokens. */
import { decodeMessage, encodeMessage, FieldReader } from './codec.js';
import { messageType } from './descriptor.js';

/** In `ActiveStandbyElectorLock` and `ActiveBreadCrumb`: the bytes `0A 08 cluster1 12 03 rm1` for {cluster1, rm1}. */
export interface ActiveRmInfo {
  readonly clusterId: string;
  readonly rmId: string;
}

const activeRmInfo = messageType('ActiveRMInfoProto');

export const encodeActiveRmInfo = (info: ActiveRmInfo): Buffer => encodeMessage(activeRmInfo, { ...info });

export function decodeActiveRmInfo(bytes: Uint8Array, where: string): ActiveRmInfo {
  const fields = new FieldReader(decodeMessage(activeRmInfo, bytes, where), where);
  return { clusterId: fields.text('clusterId'), rmId: fields.text('rmId') };
}

/** In `RMVersionNode`. Another minor is read and overwritten; another major is refused. */
export interface LayoutVersion {
  readonly major: number;
  readonly minor: number;
}

const version = messageType('VersionProto');

export const encodeVersion = (value: LayoutVersion): Buffer =>
  encodeMessage(version, { majorVersion: value.major, minorVersion: value.minor });

export function decodeVersion(bytes: Uint8Array, where: string): LayoutVersion {
  const fields = new FieldReader(decodeMessage(version, bytes, where), where);
  return { major: fields.number('majorVersion'), minor: fields.number('minorVersion') };
}

const epoch = messageType('EpochProto');

/** In `EpochNode`: the epoch of the next start. */
export const encodeEpoch = (value: number): Buffer => encodeMessage(epoch, { epoch: value });

export function decodeEpoch(bytes: Uint8Array, where: string): number {
  return new FieldReader(decodeMessage(epoch, bytes, where), where).number('epoch');
}

/** The key that signs the masters' tokens, in the node `AMRMTokenSecretManagerRoot` itself. */
export interface MasterKey {
  readonly keyId: number;
  readonly bytes: Buffer;
}

const amRmTokenState = messageType('AMRMTokenSecretManagerStateProto');

export const encodeMasterKeyState = (current: MasterKey): Buffer =>
  encodeMessage(amRmTokenState, { currentMasterKey: { keyId: current.keyId, bytes: current.bytes } });

export function decodeMasterKeyState(bytes: Uint8Array, where: string): MasterKey {
  const fields = new FieldReader(decodeMessage(amRmTokenState, bytes, where), where).message('currentMasterKey');
  return { keyId: fields.number('keyId'), bytes: fields.bytes('bytes') };
}
