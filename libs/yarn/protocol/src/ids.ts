/**
 * The names of things: application, attempt, container, spelled as YARN spells them.
 *
 * Sources: `ApplicationId`, `ApplicationAttemptId` and `ContainerId` in hadoop-yarn-api. A container's number carries the
 * epoch (how often a ResourceManager started on this store) in its upper bits since YARN-2562, so that two lives of the
 * ResourceManager never give out the same name.
 */
import { z } from 'zod';
import { YarnRequestError } from './errors.js';

export interface ApplicationIdParts {
  /** When the ResourceManager that gave the id became active, in milliseconds. */
  readonly clusterTimestamp: number;
  /** Counts from 1 in one active life. */
  readonly sequence: number;
}

export interface AttemptIdParts extends ApplicationIdParts {
  /** Counts from 1. */
  readonly attempt: number;
}

export interface ContainerIdParts extends AttemptIdParts {
  readonly epoch: number;
  /** Counts from 1 in one attempt and one life of the ResourceManager; 40 bits. */
  readonly container: number;
}

const applicationPattern = /^application_(\d{1,19})_(\d{4,10})$/;
const attemptPattern = /^appattempt_(\d{1,19})_(\d{4,10})_(\d{6,10})$/;
const containerPattern = /^container_(?:e(\d{2,7})_)?(\d{1,19})_(\d{4,10})_(\d{2,10})_(\d{6,13})$/;

/** The number of bits below the epoch in a container's 64-bit number (`ContainerId.CONTAINER_ID_BITMASK`). */
export const CONTAINER_SEQUENCE_BITS = 40n;

const pad = (value: number, width: number) => String(value).padStart(width, '0');

export function formatApplicationId(id: ApplicationIdParts): string {
  return `application_${id.clusterTimestamp}_${pad(id.sequence, 4)}`;
}

export function formatAttemptId(id: AttemptIdParts): string {
  return `appattempt_${id.clusterTimestamp}_${pad(id.sequence, 4)}_${pad(id.attempt, 6)}`;
}

/** Epoch 0 is left out, as the first life of a store has always written it. */
export function formatContainerId(id: ContainerIdParts): string {
  const epoch = id.epoch > 0 ? `e${pad(id.epoch, 2)}_` : '';
  return `container_${epoch}${id.clusterTimestamp}_${pad(id.sequence, 4)}_${pad(id.attempt, 2)}_${pad(id.container, 6)}`;
}

function refuse(kind: string, shape: string, text: string): never {
  throw new YarnRequestError('YARN_INVALID_REQUEST', `not ${kind}: expected ${shape}, got ${JSON.stringify(text)}`);
}

export function parseApplicationId(text: string): ApplicationIdParts {
  const match = applicationPattern.exec(text);
  if (!match) refuse('an application id', 'application_<timestamp>_<number>', text);
  return { clusterTimestamp: Number(match[1]), sequence: Number(match[2]) };
}

export function parseAttemptId(text: string): AttemptIdParts {
  const match = attemptPattern.exec(text);
  if (!match) refuse('an attempt id', 'appattempt_<timestamp>_<number>_<attempt>', text);
  return { clusterTimestamp: Number(match[1]), sequence: Number(match[2]), attempt: Number(match[3]) };
}

export function parseContainerId(text: string): ContainerIdParts {
  const match = containerPattern.exec(text);
  if (!match) refuse('a container id', 'container_[e<epoch>_]<timestamp>_<number>_<attempt>_<container>', text);
  return {
    epoch: Number(match[1] ?? 0),
    clusterTimestamp: Number(match[2]),
    sequence: Number(match[3]),
    attempt: Number(match[4]),
    container: Number(match[5]),
  };
}

export const applicationOfAttempt = (attemptId: string): string => formatApplicationId(parseAttemptId(attemptId));
export const attemptOfContainer = (containerId: string): string => formatAttemptId(parseContainerId(containerId));
export const applicationOfContainer = (containerId: string): string =>
  formatApplicationId(parseContainerId(containerId));

/** The 64-bit number of `ContainerIdProto.id`: epoch above, counter below. */
export function containerNumber(id: ContainerIdParts): bigint {
  return (BigInt(id.epoch) << CONTAINER_SEQUENCE_BITS) | BigInt(id.container);
}

export function containerOfNumber(attempt: AttemptIdParts, number: bigint): ContainerIdParts {
  return {
    clusterTimestamp: attempt.clusterTimestamp,
    sequence: attempt.sequence,
    attempt: attempt.attempt,
    epoch: Number(number >> CONTAINER_SEQUENCE_BITS),
    container: Number(number & ((1n << CONTAINER_SEQUENCE_BITS) - 1n)),
  };
}

export const applicationIdSchema = z.string().regex(applicationPattern, 'not an application id');
export const attemptIdSchema = z.string().regex(attemptPattern, 'not an attempt id');
export const containerIdSchema = z.string().regex(containerPattern, 'not a container id');
