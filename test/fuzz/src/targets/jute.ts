/** The primitives below everything: the first bytes say what is read, the others are read. */
import { JuteReader, JuteWriter } from '@menagerie/zookeeper-protocol';
import { check, type Target } from '../target.js';
import { encoded, MAX_FIELD_BYTES, protocol } from './support.js';

type Step = (reader: JuteReader) => (writer: JuteWriter) => void;

const steps: readonly Step[] = [
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeByte(value)
    )(reader.readByte()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeBool(value)
    )(reader.readBool()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeInt(value)
    )(reader.readInt()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeLong(value)
    )(reader.readLong()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeLongFromNumber(value)
    )(reader.readLongAsNumber()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeBuffer(value)
    )(reader.readBuffer()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeString(value)
    )(reader.readString()),
  (reader) =>
    (
      (value) => (writer: JuteWriter) =>
        writer.writeVector(value, (to, item) => to.writeInt(item))
    )(reader.readVector((from) => from.readInt())),
];
const SCRIPT_BYTES = 8;

export const juteTargets: readonly Target[] = [
  {
    name: 'jute',
    covers: 'zookeeper/protocol/dist',
    seeds: () =>
      steps.map((_, which) =>
        Buffer.concat([Buffer.alloc(SCRIPT_BYTES, which), Buffer.from('00000002616200000001', 'hex')]),
      ),
    run: (input) => {
      const script = [...input.subarray(0, SCRIPT_BYTES)].map((byte) => steps[byte % steps.length]!);
      const bytes = input.subarray(SCRIPT_BYTES);
      const write = protocol(() => {
        const reader = new JuteReader(bytes, MAX_FIELD_BYTES);
        return script.map((step) => step(reader));
      });
      const once = encoded((writer) => write.forEach((each) => each(writer)));
      const reader = new JuteReader(once, MAX_FIELD_BYTES * 2);
      const again = script.map((step) => step(reader));
      const twice = encoded((writer) => again.forEach((each) => each(writer)));
      check(twice.equals(once), 'what was read and written does not come back');
      check(reader.remaining === 0, `${reader.remaining} bytes were written that are not read`);
    },
  },
];
