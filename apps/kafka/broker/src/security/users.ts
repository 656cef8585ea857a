/** Who may come in: SCRAM credentials as `/config/users` has them, PLAIN passwords as the broker's file has them. */
import { randomBytes, timingSafeEqual, createHash } from 'node:crypto';
import {
  type Configs,
  decodeCredential,
  desanitize,
  isScram,
  PlainServer,
  type SaslServer,
  SCRAM_MECHANISMS,
  ScramServer,
  type ScramCredential,
} from '@menagerie/kafka-core';

const digest = (text: string) => createHash('sha256').update(text).digest();

export class Users {
  /** By mechanism and user. Followed by the watcher of configs, so that nobody's login asks ZooKeeper. */
  private readonly credentials = new Map<string, ScramCredential>();

  /** The node of a user as it is now. What is no credential is as good as none. */
  set(node: string, configs: Configs): void {
    for (const mechanism of Object.keys(SCRAM_MECHANISMS)) {
      const text = configs[mechanism];
      const credential = text === undefined ? null : decodeCredential(text);
      const key = `${mechanism} ${desanitize(node)}`;
      if (credential === null) this.credentials.delete(key);
      else this.credentials.set(key, credential);
    }
  }

  /** @param plain passwords by user, of the listener */
  server(mechanism: string, plain: ReadonlyMap<string, string>): SaslServer {
    if (!isScram(mechanism)) {
      return new PlainServer((user, password) => {
        const expected = plain.get(user);
        return timingSafeEqual(digest(password), digest(expected ?? '')) && expected !== undefined;
      });
    }
    const nonce = randomBytes(24).toString('base64url');
    return new ScramServer(mechanism, nonce, (user) => this.credentials.get(`${mechanism} ${user}`) ?? null);
  }
}
