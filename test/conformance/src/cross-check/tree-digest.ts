/** The whole tree of a server as one number, without what two servers can not have in common. */
import { createHash } from 'node:crypto';
import { type Client, ok } from '../client/client.js';
import { normal, type SessionNames } from './normal-form.js';

/** @param client may read everything */
export async function treeDigest(client: Client, names: SessionNames): Promise<string> {
  const hash = createHash('sha256');
  const paths = ['/'];
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const { data, stat } = ok(await client.getData(path));
    const { acl } = ok(await client.getAcl(path));
    hash.update(normal({ path, data, stat, acl }, names));
    for (const child of ok(await client.getChildren(path)).reverse()) {
      paths.push(path === '/' ? `/${child}` : `${path}/${child}`);
    }
  }
  return hash.digest('hex');
}
