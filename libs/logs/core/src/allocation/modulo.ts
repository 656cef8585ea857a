/**
 * Global allocation as the book has it: sources into as many groups as there are collectors.
 * Simple and perfectly even by number, but one collector more or less moves nearly all: N/(N+1) of the sources.
 */
import { type Allocation, type AllocationRequest, byName } from './model.js';

export function allocateByModulo({ sources, collectors }: AllocationRequest): Allocation {
  const order = [...collectors].sort(byName);
  const names = sources.map(({ name }) => name).sort(byName);
  return new Map(names.map((name, index) => [name, order[index % order.length] as string]));
}
