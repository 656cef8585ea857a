import { describe, expect, it } from 'vitest';
import { parseLogins } from './login-config.js';

const MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule';
const parse = (text: string, section = 'Server') => parseLogins('jaas.conf', text, section);

describe('a login configuration', () => {
  it('names users and their passwords in a section', () => {
    const logins = parse(`
      // the ensemble
      Server { /* one
        module */
        ${MODULE} required
        user_super="admin \\"secret\\""
        debug=true
        user_bob='x;y';
      };
      Client { ${MODULE} required username="bob" password="x"; };
    `);
    expect([...logins!]).toEqual([
      ['super', 'admin "secret"'],
      ['bob', 'x;y'],
    ]);
  });

  it('may have the section under another name, or not at all', () => {
    expect(parse(`Mine { ${MODULE} required user_a="b"; };`, 'Mine')!.get('a')).toBe('b');
    expect(parse(`Client { ${MODULE} required; };`)).toBeNull();
    expect(parse('')).toBeNull();
    expect(parse('Server { };')!.size).toBe(0);
  });

  it.each([
    [
      'another module',
      'Server {\n com.sun.security.auth.module.Krb5LoginModule required;\n};',
      /^jaas.conf:2: expected org.*Digest/,
    ],
    ['no flag', `Server {\n ${MODULE}\n user_bob="hunter2"; };`, /^jaas.conf:3: expected required/],
    ['an open quote', 'Server {\n x required\n user_bob="hunter2\n };', /^jaas.conf:3: expected a quoted text to end/],
    ['no value', `Server { ${MODULE} required user_bob "hunter2"; };`, /expected =, found something else$/],
    ['no end', `Server { ${MODULE} required user_bob="hunter2"`, /expected .* found the end of the file$/],
  ])('with %s is one line that shows no password', (_, text, problem) => {
    expect(() => parse(text)).toThrow(problem);
    try {
      parse(text);
    } catch (error) {
      expect((error as Error).message).not.toContain('hunter2');
    }
  });
});
