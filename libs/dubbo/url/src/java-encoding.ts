/** `java.net.URLEncoder` and `URLDecoder` in UTF-8: the node names in the tree are made with them, so ours are too. */
import { DubboError } from './errors.js';

/** Leaves letters, digits and `.-*_`; a space becomes `+`. */
export function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');
}

/** @throws DubboError `DUBBO_BAD_URL` */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, '%20'));
  } catch {
    throw new DubboError('DUBBO_BAD_URL', `expected an encoded URL, got "${text.slice(0, 200)}"`);
  }
}
