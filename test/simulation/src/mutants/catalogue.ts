/** All deliberate bugs, by the part of the ensemble they are put in. */
import { agreementMutants } from './agreement-mutants.js';
import type { Mutant } from './mutant.js';
import { membersMutants } from './members-mutants.js';
import { requestMutants } from './request-mutants.js';
import { storageMutants } from './storage-mutants.js';

export const mutants: readonly Mutant[] = [
  ...storageMutants,
  ...agreementMutants,
  ...membersMutants,
  ...requestMutants,
];
