/** How a supervisor tells the launcher, through Nx's output, that its group cannot run. */
export const FAILURE_PREFIX = 'cannot run: ';
