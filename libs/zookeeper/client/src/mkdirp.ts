/** Making a node with all that is missing above it. */
import { isMaybeDone, isNoNode, isNodeExists } from './errors.js';

/** Attempts at one level: lost answers and parents that vanish in between are worth another try, not any number of them. */
const MAX_ROUNDS_PER_LEVEL = 5;

/**
 * From the node upwards to what exists, then down again: one request where the parent is there, and none for the nodes
 * above, which one may have no right to look at. Since it is content with a node that exists, repeating is safe.
 *
 * @param path absolute
 * @param create makes one empty persistent node
 */
export async function makeWithParents(path: string, create: (path: string) => Promise<unknown>): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await create(path);
      return;
    } catch (error) {
      if (isNodeExists(error)) return;
      if (round === MAX_ROUNDS_PER_LEVEL) throw error;
      if (isNoNode(error) && parentOf(path) !== '/') await makeWithParents(parentOf(path), create);
      else if (!isMaybeDone(error)) throw error;
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
