/** The status as people read it. */
import { type Paint, paint } from '../output/colour.js';
import { table } from '../output/table.js';
import { type PlatformStatus, ProcessState, type ProcessStatus } from './model.js';

const NONE = '-';
const text = (value: string | number | undefined): string => (value === undefined ? NONE : String(value));

export function renderStatus(status: PlatformStatus, colours: boolean): readonly string[] {
  const p = paint(colours);
  const byId = new Map(status.processes.map((process) => [process.id, process]));
  const state = (id: string) => stateOf(byId.get(id), p);
  const lines = [p.bold(status.foreignEnsemble ? `ZooKeeper ensemble (${status.zkConnect})` : 'ZooKeeper ensemble')];
  lines.push(
    ...table(
      [
        { title: 'SERVER' },
        { title: 'STATE' },
        { title: 'ADDRESS' },
        { title: 'ROLE' },
        { title: 'ZXID' },
        { title: 'EPOCH', align: 'right' },
        { title: 'CONNECTIONS', align: 'right' },
        { title: 'SESSIONS', align: 'right' },
      ],
      status.ensemble.map((server) => [
        server.id,
        byId.has(server.id) ? state(server.id) : server.problem === undefined ? p.green('healthy') : p.red('unhealthy'),
        server.address,
        server.role === 'leader' ? p.bold('leader') : text(server.role),
        text(server.zxid),
        text(server.epoch),
        text(server.connections),
        text(server.sessions),
      ]),
    ),
    '',
  );
  const { apps } = status.yarn;
  const counts =
    apps === undefined
      ? ''
      : ` (apps: ${apps.running} running, ${apps.pending} pending, ${apps.completed} completed, ${apps.failed} failed)`;
  lines.push(
    p.bold('YARN') + counts,
    ...table(
      [
        { title: 'PROCESS' },
        { title: 'STATE' },
        { title: 'ADDRESS' },
        { title: 'ROLE' },
        { title: 'CONTAINERS', align: 'right' },
        { title: 'MEMORY', align: 'right' },
      ],
      [
        ...status.yarn.resourceManagers.map(({ id, url, haState }) => {
          const role = haState?.toLowerCase();
          return [id, state(id), url, role === 'active' ? p.bold(role) : text(role), '', ''];
        }),
        ...status.yarn.nodeManagers.map((node) => [
          node.id,
          state(node.id),
          node.url,
          `node ${node.nodeState?.toLowerCase() ?? 'not registered'}`,
          text(node.containers),
          node.memoryMb === undefined ? NONE : `${node.usedMemoryMb}/${node.memoryMb} MB`,
        ]),
      ],
    ),
    '',
  );
  lines.push(
    p.bold('Kafka'),
    ...table(
      [
        { title: 'BROKER' },
        { title: 'STATE' },
        { title: 'ADDRESS' },
        { title: 'ROLE' },
        { title: 'PARTITIONS', align: 'right' },
        { title: 'LEADS', align: 'right' },
        { title: 'UNDER-REPLICATED', align: 'right' },
      ],
      status.kafka.brokers.map((broker) => [
        broker.id,
        state(broker.id),
        broker.address,
        broker.controllerEpoch === undefined ? NONE : p.bold(`controller, epoch ${broker.controllerEpoch}`),
        text(broker.partitions),
        text(broker.leaders),
        text(broker.underReplicated),
      ]),
    ),
    '',
  );
  lines.push(...renderLogs(status, state, p), '');
  lines.push(...renderDubbo(status, state, p), '');
  if (status.healthy) lines.push(p.green('all healthy'));
  else lines.push(...status.problems.map((problem) => p.red(`not well: ${problem}`)));
  return lines;
}

function renderLogs({ logs }: PlatformStatus, state: (id: string) => string, p: Paint): readonly string[] {
  const about = logs.sources === undefined ? '' : ` (${logs.sources} sources, policy ${logs.policy})`;
  return [
    p.bold('Log collection') + about,
    ...table(
      [
        { title: 'PROCESS' },
        { title: 'STATE' },
        { title: 'ADDRESS' },
        { title: 'ROLE' },
        { title: 'SOURCES', align: 'right' },
        { title: 'BEHIND', align: 'right' },
      ],
      logs.processes.map(({ id, url, role, sources, lagBytes }) => [
        id,
        state(id),
        url,
        role === 'leader' ? p.bold(role) : text(role),
        text(sources),
        lagBytes === undefined ? NONE : `${lagBytes} B`,
      ]),
    ),
  ];
}

function renderDubbo({ dubbo }: PlatformStatus, state: (id: string) => string, p: Paint): readonly string[] {
  const services = (dubbo.services ?? []).map(
    ({ service, providers, consumers }) => `${service}: ${providers} provide, ${consumers} call`,
  );
  return [
    p.bold('Dubbo') + (services.length === 0 ? '' : ` (${services.slice(0, 5).join('; ')})`),
    ...table(
      [
        { title: 'PROCESS' },
        { title: 'STATE' },
        { title: 'ADDRESS' },
        { title: 'ROLE' },
        { title: 'WEIGHT', align: 'right' },
      ],
      dubbo.processes.map(({ id, address, role, weight }) => [id, state(id), address, role, text(weight)]),
    ),
  ];
}

function stateOf(process: ProcessStatus | undefined, p: Paint): string {
  if (process === undefined) return NONE;
  const mark = process.cut ? `${process.state}, cut off` : process.state;
  return process.state === ProcessState.healthy && !process.cut ? p.green(mark) : p.red(mark);
}
