/** One peer on a stage: what it does is written down, what happens to it is read out. */
import { OpCode } from '@menagerie/zookeeper-protocol';
import type { Peer, PeerEffects, PeerInput } from '../../contract/index.js';
import { createPeer, type PeerTiming } from '../../peer/index.js';
import { type MembershipStore, parseQuorumConfigText, type QuorumConfig } from '../../quorum/index.js';
import { changeAt, TalkingDatabase, TalkingRequestServer, transactionAt } from './fakes.js';
import { notificationText, packetTexts, parseNotification, parsePacket } from './packet-text.js';
import { parseZxid, zxidText } from './zxid-text.js';

export interface Cast {
  /** Who is watched; the others are played by the script. Default 1. */
  readonly self?: number;
  /** Default 3. */
  readonly voters?: number;
  readonly observers?: readonly number[];
  readonly alone?: boolean;
  /** What the committed log holds after recovery, oldest first. */
  readonly recent?: readonly string[];
  readonly timing?: Partial<PeerTiming>;
  /** More lines of the configuration. */
  readonly config?: string;
  /** The members can be changed; they have stood in a transaction since 1:1. */
  readonly dynamic?: boolean;
  /** With which counter a leadership ends. */
  readonly lastCounter?: number;
  /** What happened before the dialogue. */
  readonly before?: string;
}

/** Numbers that are easy to add up. */
const TIMING: PeerTiming = {
  tickTimeMs: 100,
  initLimitTicks: 10,
  syncLimitTicks: 5,
  connectLimitMs: 300,
  disloyalVoterMs: null,
  election: { finalizeWaitMs: 50, minNotificationIntervalMs: 200, maxNotificationIntervalMs: 800 },
};

type Line = readonly [pattern: RegExp, act: (...parts: string[]) => void];

export class Stage {
  private readonly spoken: string[] = [];
  private readonly database: TalkingDatabase;
  private readonly requestServer: TalkingRequestServer;
  private readonly peer: Peer;
  private nowMs = 0;
  private snapshotToken = 0;
  private readToken = 0;

  constructor(private readonly cast: Cast) {
    const say = (line: string) => this.spoken.push(line);
    this.database = new TalkingDatabase(say);
    this.requestServer = new TalkingRequestServer(say, this.database);
    this.peer = createPeer({
      serverId: cast.self ?? 1,
      config: cast.alone ? null : parseQuorumConfigText(configText(cast)),
      timing: { ...TIMING, ...cast.timing },
      memberStore: cast.dynamic === true ? membersStore(say) : null,
      observerLogs: true,
      maxFieldBytes: 1 << 20,
      ...(cast.lastCounter === undefined ? {} : { lastCounter: cast.lastCounter }),
      env: {
        monotonicMs: () => this.nowMs,
        wallMs: () => 0,
        random: () => 0.5,
        log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      },
      effects: this.effects(say),
      database: this.database,
      requestServer: this.requestServer,
    });
    for (const line of (cast.before ?? '').split('\n')) if (line.trim() !== '') this.play(line.trim());
  }

  /** @returns what followed from the line */
  play(line: string): string[] {
    for (const [pattern, act] of this.lines) {
      const match = pattern.exec(line);
      if (match === null) continue;
      act(...match.slice(1));
      this.peer.flush();
      return this.spoken.splice(0);
    }
    throw new Error(`the stage does not know how to play ${JSON.stringify(line)}`);
  }

  private readonly lines: readonly Line[] = [
    [
      /^start at (\S+), epochs (\d+) (\d+)$/,
      (zxid, accepted, current) => {
        const lastLoggedZxid = parseZxid(zxid!);
        this.database.recovered(lastLoggedZxid < 0n ? 0n : lastLoggedZxid, (this.cast.recent ?? []).map(parseZxid));
        const epochs = { acceptedEpoch: Number(accepted), currentEpoch: Number(current) };
        this.step({ kind: 'start', lastLoggedZxid, ...epochs });
      },
    ],
    [/^(\d+) ms pass$/, (ms) => this.pass(Number(ms))],
    [
      /^stands still for (\d+) ms$/,
      (ms) => {
        this.nowMs += Number(ms);
        this.step({ kind: 'stoodStill' });
      },
    ],
    [/^durable (\S+)$/, (zxid) => this.step({ kind: 'durable', zxid: parseZxid(zxid!) })],
    [
      /^saved (accepted|current) (\d+)$/,
      (which, epoch) => this.step({ kind: 'epochSaved', which: which as 'accepted' | 'current', epoch: Number(epoch) }),
    ],
    [/^truncated to (\S+)$/, (zxid) => this.rebuilt('truncated', zxid!)],
    [/^truncation is not possible$/, () => this.step({ kind: 'truncated', zxid: null })],
    [/^reloaded (\S+)$/, (zxid) => this.rebuilt('reloaded', zxid!)],
    [
      /^snapshot saved$/,
      () => this.step({ kind: 'snapshotSaved', token: this.snapshotToken, zxid: this.database.lastProcessedZxid }),
    ],
    [
      /^the log holds (.+)$/,
      (list) => {
        const records =
          list === 'no such thing' ? null : list!.split(' ').map((zxid) => transactionAt(parseZxid(zxid)));
        this.step({ kind: 'logRead', token: this.readToken, records });
      },
    ],
    [/^the disk fails$/, () => this.step({ kind: 'storageFailed', what: 'fsync', error: 'EIO' })],
    [
      /^server (\d+): (.+)$/,
      (from, text) => this.step({ kind: 'notification', from: Number(from), notification: parseNotification(text!) }),
    ],
    [/^leader connected$/, () => this.step({ kind: 'leaderConnected' })],
    [/^leader closed$/, () => this.step({ kind: 'leaderClosed', reason: 'closed' })],
    [/^leader: snapshot ends$/, () => this.step({ kind: 'leaderSnapshotEnd' })],
    [/^leader: (.+)$/, (text) => this.step({ kind: 'leaderPacket', packet: parsePacket(text!) })],
    [
      /^learner (\d+) connected$/,
      (link) => this.step({ kind: 'learnerConnected', link: Number(link), remoteAddress: 'stage' }),
    ],
    [/^learner (\d+) closed$/, (link) => this.step({ kind: 'learnerClosed', link: Number(link), reason: 'closed' })],
    [
      /^learner (\d+): (.+)$/,
      (link, text) => this.step({ kind: 'learnerPacket', link: Number(link), packet: parsePacket(text!) }),
    ],
    [
      /^client writes(?: (\d+) times)?$/,
      (times) => {
        for (let i = 0; i < Number(times ?? 1); i++) this.propose();
      },
    ],
    [
      /^client changes the members to (.+)$/,
      (ids) => {
        const { replication } = this.requestServer;
        replication!.propose(changeAt(replication!.nextZxid(), ids!));
      },
    ],
    [/^client syncs (\w+)$/, (name) => this.requestServer.replication!.sync(requestOf(name!, OpCode.sync))],
    [/^client asks the leader (\w+)$/, (name) => this.requestServer.replication!.forward(requestOf(name!, 1))],
    [
      /^describe$/,
      () => {
        const { state, phase, leader, lastLoggedZxid, lastCommittedZxid } = this.peer.describe();
        const zxids = `logged ${zxidText(lastLoggedZxid)}, applied ${zxidText(lastCommittedZxid)}`;
        this.spoken.push(`${state} in ${phase}${leader === null ? '' : `, leader ${leader}`}, ${zxids}`);
      },
    ],
  ];

  private step(input: PeerInput): void {
    this.peer.step(input);
  }

  /** Ticks whenever the peer wants to be woken on the way. */
  private pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let wakeMs = this.peer.wakeAtMs(); wakeMs !== null && wakeMs <= untilMs; wakeMs = this.peer.wakeAtMs()) {
      this.nowMs = Math.max(this.nowMs, wakeMs);
      this.step({ kind: 'tick' });
      this.peer.flush();
    }
    this.nowMs = untilMs;
  }

  private rebuilt(kind: 'truncated' | 'reloaded', text: string): void {
    const zxid = parseZxid(text);
    this.database.recovered(zxid, []);
    this.step({ kind, zxid });
  }

  private propose(): void {
    const { replication } = this.requestServer;
    replication!.propose(transactionAt(replication!.nextZxid()));
  }

  private effects(say: (line: string) => void): PeerEffects {
    return {
      appendToLog: (zxid) => say(`append ${zxidText(zxid)}`),
      truncateLog: (zxid) => say(`truncate to ${zxidText(zxid)}`),
      reloadDatabase: () => say('reload the database'),
      readLog: (token, from, to) => {
        this.readToken = token;
        say(`read the log after ${zxidText(from)} up to ${zxidText(to)}`);
      },
      saveEpoch: (which, epoch) => say(`save ${which} ${epoch}`),
      saveSnapshot: (token) => {
        this.snapshotToken = token;
        say('save a snapshot');
      },
      sendNotification: (to, notification) => say(`to server ${to}: ${notificationText(notification)}`),
      connectToLeader: (leader) => say(`connect to ${leader}`),
      sendToLeader: (bytes) => packetTexts(bytes).forEach((text) => say(`to leader: ${text}`)),
      disconnectFromLeader: () => say('disconnect'),
      acceptLearners: (accept) => say(accept ? 'accept learners' : 'accept no learners'),
      sendToLearner: (link, bytes) => packetTexts(bytes).forEach((text) => say(`to learner ${link}: ${text}`)),
      streamSnapshotToLearner: (link) => say(`to learner ${link}: the snapshot`),
      closeLearner: (link, reason) => say(`close learner ${link}: ${reason}`),
      halt: (reason) => say(`halt: ${reason}`),
    };
  }
}

function requestOf(name: string, type: number) {
  return { sessionId: 1n, cxid: 1, type, body: Buffer.from(name), authInfo: [] };
}

function membersStore(say: (line: string) => void): MembershipStore {
  const idsOf = ({ members }: QuorumConfig): string =>
    members.map(({ id, role }) => (role === 'observer' ? `(${id})` : id)).join(' ');
  return {
    seeConfig: (next) => say(next === null ? 'forget the members proposed' : `members proposed: ${idsOf(next)}`),
    activateConfig: (members) => say(`members: ${idsOf(members)}`),
  };
}

function configText({ voters = 3, observers = [], config = '', dynamic = false }: Cast): string {
  const ids = Array.from({ length: voters }, (_, at) => at + 1);
  const lines = ids.map((id) => `server.${id}=h${id}:2888:3888`);
  for (const id of observers) lines.push(`server.${id}=h${id}:2888:3888:observer`);
  if (dynamic) lines.push('version=100000001');
  return [...lines, config].join('\n');
}
