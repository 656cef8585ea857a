/** What a class offers, and what it needs of others. */
import 'reflect-metadata';
import type { ReferenceOptions } from '@menagerie/dubbo-rpc';

export interface DubboServiceOptions {
  /** Under which it is found: `shop.Catalogue`. */
  readonly interface: string;
  readonly version?: string;
  readonly group?: string;
  /** Share of the traffic, 100 being usual; 0 for none. */
  readonly weight?: number;
  /** Milliseconds until it has its whole share; default ten minutes. */
  readonly warmupMs?: number;
  readonly tag?: string;
}

export type DubboReferenceOptions = { readonly interface: string } & Pick<
  ReferenceOptions,
  | 'version'
  | 'group'
  | 'cluster'
  | 'loadbalance'
  | 'timeoutMs'
  | 'retries'
  | 'tag'
  | 'emptyProtection'
  | 'sticky'
  | 'check'
>;

const SERVICE = Symbol('dubbo service');
const REFERENCES = Symbol('dubbo references');

/** Every method of the class can be called from elsewhere, save those that begin with `_` and Nest's own hooks. */
export function DubboService(options: DubboServiceOptions): ClassDecorator {
  return (target) => Reflect.defineMetadata(SERVICE, options, target);
}

/** The property becomes a proxy of the interface: each of its methods is a call, and answers with a promise. */
export function DubboReference(options: DubboReferenceOptions): PropertyDecorator {
  return (target, property) => {
    const known = referencesOf(target.constructor);
    Reflect.defineMetadata(REFERENCES, [...known, { property, options }], target.constructor);
  };
}

export interface WantedReference {
  readonly property: string | symbol;
  readonly options: DubboReferenceOptions;
}

export const serviceOf = (type: object): DubboServiceOptions | undefined =>
  Reflect.getMetadata(SERVICE, type) as DubboServiceOptions | undefined;

export const referencesOf = (type: object): readonly WantedReference[] =>
  (Reflect.getMetadata(REFERENCES, type) as readonly WantedReference[] | undefined) ?? [];
