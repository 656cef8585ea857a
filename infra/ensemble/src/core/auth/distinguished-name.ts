/** Whether a text is a distinguished name, as far as `new X500Principal(text)` in Java looks. */
const KEYWORDS =
  'CN|C|L|S|ST|O|OU|T|IP|STREET|DC|DNQUALIFIER|DNQ|SURNAME|GIVENNAME|INITIALS|GENERATION|EMAIL|EMAILADDRESS|UID|SERIALNUMBER';
const TYPE = `(?:${KEYWORDS}|(?:OID\\.)?[0-2](?:\\.[0-9]+)+)`;
const VALUE = String.raw`(?:#(?:[0-9a-f]{2})+|"(?:[^"\\]|\\[^])*"|(?:[^",;+\\<>#=]|\\[^])(?:[^",;+\\<>]|\\[^])*)`;
const NAME = new RegExp(`^\\s*${TYPE}\\s*=\\s*${VALUE}\\s*(?:[,;+]\\s*${TYPE}\\s*=\\s*${VALUE}\\s*)*$`, 'i');

/** Longer ones exist nowhere, and this is a stranger's text. */
const MAX_LENGTH = 4096;

export function isDistinguishedName(text: string): boolean {
  return text === '' || (text.length <= MAX_LENGTH && NAME.test(text));
}
