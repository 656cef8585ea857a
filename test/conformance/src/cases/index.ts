import type { ClaimGroup } from '../suite/claim.js';
import { handshake } from './handshake.js';
import { framing } from './framing.js';
import { sessions } from './sessions.js';
import { xids } from './xids.js';
import { paths } from './paths.js';
import { stat } from './stat.js';
import { fourLetterWords } from './four-letter-words.js';
import { limits } from './limits.js';
import { sequence } from './sequence.js';
import { ephemerals } from './ephemerals.js';
import { watches } from './watches.js';
import { ordering } from './ordering.js';
import { acls } from './acls.js';
import { quotas } from './quotas.js';
import { auth } from './auth.js';
import { closeSession } from './close-session.js';
import { createContainer } from './create-container.js';
import { createTtl } from './create-ttl.js';
import { create } from './create.js';
import { create2 } from './create2.js';
import { deleteNode } from './delete.js';
import { exists } from './exists.js';
import { getAcl } from './get-acl.js';
import { getChildren, getChildren2 } from './get-children.js';
import { getData } from './get-data.js';
import { multiRead } from './multi-read.js';
import { multi } from './multi.js';
import { check, createSession, deleteContainer, notification } from './not-for-clients.js';
import { ping } from './ping.js';
import { localSessions } from './local-sessions.js';
import { readOnly } from './read-only.js';
import { reconfig } from './reconfig.js';
import { sasl } from './sasl.js';
import { setAcl } from './set-acl.js';
import { setData } from './set-data.js';
import { setWatches, setWatches2 } from './set-watches.js';
import { sync } from './sync.js';
import { addWatch, checkWatches, removeWatches } from './watch-kinds.js';
import { whoAmI } from './who-am-i.js';
import { getAllChildrenNumber, getEphemerals } from './whole-tree.js';

/** In the order of the operations' numbers, then the subjects that are not one operation. */
export const groups: readonly ClaimGroup[] = [
  notification,
  create,
  deleteNode,
  exists,
  getData,
  setData,
  getAcl,
  setAcl,
  getChildren,
  sync,
  ping,
  getChildren2,
  check,
  multi,
  create2,
  reconfig,
  checkWatches,
  removeWatches,
  createContainer,
  deleteContainer,
  createTtl,
  multiRead,
  auth,
  setWatches,
  sasl,
  getEphemerals,
  getAllChildrenNumber,
  setWatches2,
  addWatch,
  whoAmI,
  createSession,
  closeSession,
  handshake,
  framing,
  sessions,
  xids,
  paths,
  stat,
  sequence,
  ephemerals,
  watches,
  ordering,
  acls,
  quotas,
  limits,
  localSessions,
  readOnly,
  fourLetterWords,
];
