/**
 * The login configuration that Java's `java.security.auth.login.config` names: whom SASL lets in, and by which password.
 *
 *   Server {
 *     org.apache.zookeeper.server.auth.DigestLoginModule required
 *     user_super="adminsecret"
 *     user_bob="bobsecret";
 *   };
 *
 * Source: javax.security.auth.login.Configuration, SaslServerCallbackHandler.java.
 */
import { ConfigError } from '../errors.js';

const DIGEST_MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule';
const USER_PREFIX = 'user_';
const FLAGS = ['required', 'requisite', 'sufficient', 'optional'];

interface Token {
  readonly text: string;
  readonly line: number;
}

/**
 * @param file for messages, which never show a password
 * @returns passwords by user of one section; null if there is no such section
 * @throws ConfigError
 */
export function parseLogins(file: string, text: string, section: string): ReadonlyMap<string, string> | null {
  const tokens = tokenize(file, text);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const next = (what: string): Token => {
    const token = tokens[at++];
    if (token === undefined) throw new ConfigError(file, null, `expected ${what}, found the end of the file`);
    return token;
  };
  const expect = (wanted: string): void => {
    const { text: found, line } = next(wanted);
    // What is found where something else belongs may be half a password.
    if (found !== wanted) throw new ConfigError(file, line, `expected ${wanted}, found something else`);
  };
  let logins: Map<string, string> | null = null;
  while (peek() !== undefined) {
    const name = next('the name of a section').text;
    expect('{');
    const users = new Map<string, string>();
    while (peek()?.text !== '}') {
      const module = next('a login module or }');
      const flag = next('required');
      if (!FLAGS.includes(flag.text.toLowerCase())) {
        throw new ConfigError(file, flag.line, `expected ${FLAGS.join(', ')} behind ${module.text}`);
      }
      if (name === section && module.text !== DIGEST_MODULE) {
        throw new ConfigError(file, module.line, `expected ${DIGEST_MODULE}, found ${module.text}`);
      }
      while (peek()?.text !== ';') {
        const option = next('an option or ;').text;
        expect('=');
        const value = next('a value').text;
        if (option.startsWith(USER_PREFIX)) users.set(option.slice(USER_PREFIX.length), value);
      }
      expect(';');
    }
    expect('}');
    expect(';');
    if (name === section) logins = users;
  }
  return logins;
}

/** Words, quoted texts, and the four marks; both of Java's comments and shell's are skipped. */
function tokenize(file: string, text: string): Token[] {
  const pattern =
    /(\s+|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/)|"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|([{};=])|([^\s{};="'#]+)/y;
  const tokens: Token[] = [];
  let line = 1;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw new ConfigError(file, line, 'expected a quoted text to end on its line');
    const [all, skipped, double, single, mark, word] = match;
    if (skipped === undefined) {
      tokens.push({ text: mark ?? word ?? (double ?? single)!.replace(/\\([^])/g, '$1'), line });
    }
    line += all.split('\n').length - 1;
  }
  return tokens;
}
