/**
 * The subject of a certificate as Java's `X500Principal.getName()` writes it: RFC 2253, last part first. ACLs hold this
 * text, so it has to be the same to the letter.
 */
import type { X509Certificate } from 'node:crypto';
import { readDer, type DerValue } from './der.js';

/** The only types that go by a name in this form; all others by their number. */
const KEYWORDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
};

const VERSION_TAG = 0xa0;
/** Of the parts of a certificate's body without a version: serial number, algorithm, issuer, validity, subject. */
const SUBJECT_INDEX = 4;

const ESCAPED = new Set(',=+<>#;"\\');

export function principalOf({ raw }: X509Certificate): string {
  const body = readDer(raw).children()[0]!.children();
  const subject = body[SUBJECT_INDEX + (body[0]!.tag === VERSION_TAG ? 1 : 0)]!;
  return subject
    .children()
    .reverse()
    .map((relative) => relative.children().map(typeAndValue).join('+'))
    .join(',');
}

function typeAndValue(attribute: DerValue): string {
  const [type, value] = attribute.children() as [DerValue, DerValue];
  const oid = type.oid();
  const keyword = KEYWORDS[oid];
  const text = keyword === undefined ? null : value.text();
  if (keyword === undefined || text === null) return `${keyword ?? oid}=#${value.encoded.toString('hex')}`;
  return `${keyword}=${escape(text)}`;
}

function escape(text: string): string {
  const leading = /^ */.exec(text)![0].length;
  const trailing = text.length - / *$/.exec(text)![0].length;
  return [...text]
    .map((character, at) => {
      if (ESCAPED.has(character)) return `\\${character}`;
      if (character === '\0') return '\\00';
      return character === ' ' && (at < leading || at >= trailing) ? '\\ ' : character;
    })
    .join('');
}
