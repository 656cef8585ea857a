/** Memory and virtual cores: what a node has, a container gets and a request asks for. */
import { z } from 'zod';

export interface Resource {
  readonly memoryMb: number;
  readonly vcores: number;
}

const MAX_INT32 = 0x7fffffff;

export const resourceSchema = z.object({
  memoryMb: z.number().int().min(0).max(MAX_INT32),
  vcores: z.number().int().min(0).max(MAX_INT32),
});

export const NO_RESOURCE: Resource = { memoryMb: 0, vcores: 0 };

export const addResources = (a: Resource, b: Resource): Resource => ({
  memoryMb: a.memoryMb + b.memoryMb,
  vcores: a.vcores + b.vcores,
});

export const subtractResources = (a: Resource, b: Resource): Resource => ({
  memoryMb: a.memoryMb - b.memoryMb,
  vcores: a.vcores - b.vcores,
});

/** Whether `wanted` fits into `room` in both dimensions. */
export const fitsIn = (wanted: Resource, room: Resource): boolean =>
  wanted.memoryMb <= room.memoryMb && wanted.vcores <= room.vcores;

export const formatResource = (r: Resource): string => `${r.memoryMb} MB, ${r.vcores} vcores`;
