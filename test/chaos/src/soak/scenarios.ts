/** Every system that can be soaked, by the name it is asked for. Loaded on demand: they need much, and one is run. */
import type { Scenario } from './scenario.js';

type Load = () => Promise<Scenario>;

export const DEFAULT_SCENARIO = 'ensemble';

export const scenarios: Readonly<Record<string, Load>> = {
  ensemble: async () => (await import('../ensemble/scenario.js')).ensembleScenario,
  'ensemble-of-five': async () => (await import('../ensemble/scenario.js')).ensembleOf(5),
  recipes: async () => (await import('../recipes/scenario.js')).recipesScenario,
  kafka: async () => (await import('../kafka/scenario.js')).kafkaScenario,
  replicator: async () => (await import('../replicator/scenario.js')).replicatorScenario,
  logs: async () => (await import('../logs/scenario.js')).logsScenario,
};
