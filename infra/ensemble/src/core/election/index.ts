export * from './answer.js';
export * from './election.js';
export * from './vote.js';
