/** What the Dubbo registry holds, by its admin's word, and whether those who provide are on the list. */
import { DUBBO_ADMIN, DUBBO_CONSUMER, DUBBO_PROVIDER, findGroup, type Plan } from '@menagerie/topology';
import { ServiceClient } from '../patterns/service-client.js';
import type { DubboStatus } from './model.js';

/** What all providers of the declared system offer. */
const CATALOGUE = 'shop.Catalogue';

interface Providers {
  readonly providers: readonly { readonly address: string; readonly weightNow: number; readonly disabled: boolean }[];
}

export async function dubboStatus(plan: Plan): Promise<DubboStatus> {
  const processes = [
    ...findGroup(plan, DUBBO_PROVIDER).processes.map(({ id, host, ports }) => {
      return { id, address: `${host}:${ports['rpc']}`, role: 'provider' };
    }),
    ...[DUBBO_CONSUMER, DUBBO_ADMIN].flatMap((group) =>
      findGroup(plan, group).processes.map(({ id, host, ports }) => {
        return { id, address: `http://${host}:${ports['http']}`, role: group === DUBBO_ADMIN ? 'admin' : 'consumer' };
      }),
    ),
  ];
  const admin = new ServiceClient(plan, DUBBO_ADMIN);
  try {
    const services = await admin.ask<DubboStatus['services']>('GET', '/services');
    if (!services?.some(({ service }) => service === CATALOGUE)) return { services: services ?? [], processes };
    const { providers } = await admin.ask<Providers>('GET', `/services/${CATALOGUE}/providers`);
    const listed = new Map(providers.map((provider) => [provider.address, provider]));
    return {
      services,
      processes: processes.map((process) => {
        if (process.role !== 'provider') return process;
        const provider = listed.get(process.address);
        if (provider === undefined) return { ...process, role: 'provider, not listed' };
        return provider.disabled
          ? { ...process, role: 'provider, disabled' }
          : { ...process, weight: provider.weightNow };
      }),
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), processes };
  }
}

/** Disabled is somebody's will, not listed is not. */
export const dubboProblems = ({ problem, processes }: DubboStatus): readonly string[] => [
  ...(problem === undefined ? [] : [`dubbo: ${problem}`]),
  ...processes.filter(({ role }) => role === 'provider, not listed').map(({ id }) => `${id}: not in the registry`),
];
