import { describe, expect, it } from 'vitest';
import { ZkMaybeDoneError, ZkNotDoneError } from './errors.js';
import { makeWithParents } from './mkdirp.js';

const noNode = (path: string): Error => new ZkNotDoneError('ZK_NO_NODE', path);
const nodeExists = (path: string): Error => new ZkNotDoneError('ZK_NODE_EXISTS', path);

/** A tree that answers as a server does, and the requests it was sent. */
function tree(...paths: string[]) {
  const nodes = new Set(['/', ...paths]);
  const requests: string[] = [];
  const create = async (path: string): Promise<void> => {
    requests.push(path);
    if (nodes.has(path)) throw nodeExists(path);
    if (!nodes.has(path.slice(0, path.lastIndexOf('/')) || '/')) throw noNode(path);
    nodes.add(path);
  };
  return { nodes, requests, create };
}

describe('making a node with its parents', () => {
  it('asks once when the parent is there, and nothing of what is above', async () => {
    const { requests, create } = tree('/a');
    await makeWithParents('/a/b', create);
    expect(requests).toEqual(['/a/b']);
  });

  it('goes up to what exists and down again', async () => {
    const { nodes, requests, create } = tree();
    await makeWithParents('/a/b/c', create);
    expect(requests).toEqual(['/a/b/c', '/a/b', '/a', '/a/b', '/a/b/c']);
    expect(nodes).toContain('/a/b/c');
  });

  it('repeats a create of which nobody knows whether it was done', async () => {
    const { requests, create } = tree();
    let lost = true;
    await makeWithParents('/a', async (path) => {
      await create(path);
      if (lost) {
        lost = false;
        throw new ZkMaybeDoneError('ZK_CONNECTION_LOST', path);
      }
    });
    expect(requests).toEqual(['/a', '/a']);
  });

  it('gives up on a tree which somebody else keeps deleting', async () => {
    let requests = 0;
    const create = (path: string): Promise<void> => {
      requests++;
      return path === '/a' ? Promise.resolve() : Promise.reject(noNode(path));
    };
    await expect(makeWithParents('/a/b', create)).rejects.toMatchObject({ code: 'ZK_NO_NODE' });
    expect(requests).toBeLessThan(20);
  });

  it('passes on what is in its way', async () => {
    const refused = new ZkNotDoneError('ZK_NO_AUTH', '/a');
    await expect(makeWithParents('/a/b', () => Promise.reject(refused))).rejects.toBe(refused);
  });
});
