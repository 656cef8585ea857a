/** What can go wrong in the services of the basic patterns, one stable code each. */

export const PatternErrorCode = {
  /** A body or a query that is not what was asked for. */
  badRequest: 'PATTERN_BAD_REQUEST',
  /** A service that this one stands on does not answer at the moment. */
  unavailable: 'PATTERN_UNAVAILABLE',
  /** A document that cannot be parsed, or that its schema refuses; or a schema that is none. */
  configInvalid: 'CONFIG_INVALID',
  configNotFound: 'CONFIG_NOT_FOUND',
  /** Somebody published since the revision that was expected. */
  configConflict: 'CONFIG_CONFLICT',
  namingUnknownType: 'NAMING_UNKNOWN_TYPE',
  namingNotFound: 'NAMING_NOT_FOUND',
  namingBound: 'NAMING_BOUND',
  /** Links that lead in a circle, or too far. */
  namingLinks: 'NAMING_LINKS',
  ddnsUnknownName: 'DDNS_UNKNOWN_NAME',
  ddnsBadAddress: 'DDNS_BAD_ADDRESS',
  /** The domain belongs to another application. */
  ddnsNotOwner: 'DDNS_NOT_OWNER',
  /** Known, and nobody is there: masked, closed, or all dead and nothing kept. */
  ddnsNoAddress: 'DDNS_NO_ADDRESS',
  hostsUnknown: 'HOSTS_UNKNOWN',
  /** Another machine stands under this name. */
  hostsNameTaken: 'HOSTS_NAME_TAKEN',
  /** What stands at a host's node is not that host's own: nobody is ordered by it. */
  hostsNotYours: 'HOSTS_NOT_YOURS',
  saleUnknownItem: 'SALE_UNKNOWN_ITEM',
  saleSoldOut: 'SALE_SOLD_OUT',
  /** A later holder of the lock was here: this order is not written. */
  saleFenced: 'SALE_FENCED',
  /** One piece a buyer; asked a second time, perhaps since the first answer was lost. */
  saleBoughtAlready: 'SALE_BOUGHT_ALREADY',
  queueFull: 'QUEUE_FULL',
  taskUnknown: 'TASK_UNKNOWN',
  taskNoFolder: 'TASK_NO_FOLDER',
} as const;
export type PatternErrorCode = (typeof PatternErrorCode)[keyof typeof PatternErrorCode];

export class PatternError extends Error {
  constructor(
    readonly code: PatternErrorCode,
    message: string,
    /** Whether the same call may succeed later. */
    readonly retryable = false,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'PatternError';
  }
}

export const isPatternError = (error: unknown, code?: PatternErrorCode): error is PatternError =>
  error instanceof PatternError && (code === undefined || error.code === code);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
