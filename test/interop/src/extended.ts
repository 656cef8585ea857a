/**
 * More of the same, with other roles and kinds of servers, takes minutes: `npm test` runs a sample, and
 * `npm run test:extended -w @menagerie/interop` all of it.
 */
export const isExtended = process.env['MENAGERIE_EXTENDED'] === 'true';

/** Behind the title of a test that is left out of the sample. */
export const leftOut = isExtended ? '' : ' (left out: runs with test:extended)';
