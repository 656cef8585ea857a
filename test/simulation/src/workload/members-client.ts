/** An operator's client: asks again and again for other members, one way or another, and knows what the answers must be. */
import { formatServerValue, LearnerRole, participantsOf, type ServerId } from '@menagerie/ensemble';
import { decodeGetDataResponse, encodeReconfigRequest, ErrorCode, OpCode } from '@menagerie/zookeeper-protocol';
import { hexZxid } from '../checkers/zxids.js';
import type { Random } from '../engine/random.js';
import { Violation } from '../engine/violation.js';
import { simulatedMember } from '../server/members.js';
import { type ClientWorld, SessionClient } from './session-client.js';

const SESSION_TIMEOUT_MS = 4_000;
/** What may stand in the way of a change. */
const REFUSALS: readonly number[] = [ErrorCode.NewConfigNoQuorum, ErrorCode.ReconfigInProgress, ErrorCode.BadVersion];

interface Wish {
  readonly joining: readonly { readonly id: ServerId; readonly role: LearnerRole }[];
  readonly leaving: readonly ServerId[];
  readonly basedOn: bigint;
}

export class MembersClient extends SessionClient {
  private stopped = false;

  constructor(
    name: string,
    world: ClientWorld,
    random: Random,
    private readonly meanPauseMs: number,
  ) {
    super(name, world, random, SESSION_TIMEOUT_MS);
  }

  start(): void {
    this.open();
    this.scheduleWork();
  }

  stop(): void {
    this.stopped = true;
  }

  protected override sessionEnded(): void {}

  private scheduleWork(): void {
    this.world.time.after(this.random.delay(this.meanPauseMs), () => {
      if (this.stopped) return;
      if (this.isAttached && this.outstanding === 0) this.change();
      this.scheduleWork();
    });
  }

  private change(): void {
    const { observer } = this.world;
    const wish = this.wish();
    if (wish === null) return;
    const { joining, leaving, basedOn } = wish;
    const servers = joining.map(({ id, role }) => `server.${id}=${formatServerValue(simulatedMember(id, role))}`);
    const what = `members: ${servers.join(' ')} less ${leaving.join(',')}`;
    observer.tell(() => `${this.name} asks for other ${what}`);
    this.ask({
      type: OpCode.reconfig,
      body: (writer) =>
        encodeReconfigRequest(writer, {
          joiningServers: servers.join(',') || null,
          leavingServers: leaving.join(',') || null,
          newMembers: null,
          curConfigId: basedOn,
        }),
      answered: (err, zxid, reader) => {
        observer.tell(() => `${this.name} is answered ${err}`);
        if (err !== 0 && !REFUSALS.includes(err)) this.wrong(what, `error ${err}`);
        if (err !== 0) return;
        const text = decodeGetDataResponse(reader).data?.toString('utf8');
        const committed = observer.members.textAt(zxid);
        if (text !== committed) this.wrong(what, `${text}, ${hexZxid(zxid)} made ${committed}`);
      },
    });
  }

  /** Servers come, go, get a vote or lose it; somebody with a vote is always left. */
  private wish(): Wish | null {
    const { observer, servers } = this.world;
    const { members } = observer.members;
    if (members === null) return null;
    const { random } = this;
    const voters = new Set(participantsOf(members));
    const joining: Wish['joining'][number][] = [];
    const leaving: ServerId[] = [];
    const ids = servers.map(({ id }) => id);
    // Mostly a few, sometimes everybody: then the quorums of before and after have least in common.
    const few = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.pick(ids));
    const chosen = new Set(random.chance(0.3) ? ids : few);
    for (const id of chosen) {
      const isMember = members.members.some((member) => member.id === id);
      const becomes = random.pick(['participant', 'participant', 'observer', 'nobody'] as const);
      if (becomes === 'participant') {
        if (!voters.has(id)) joining.push({ id, role: LearnerRole.participant });
        voters.add(id);
        continue;
      }
      if (voters.has(id) && voters.size === 1) continue;
      voters.delete(id);
      if (becomes === 'observer') joining.push({ id, role: LearnerRole.observer });
      else if (isMember) leaving.push(id);
    }
    if (joining.length + leaving.length === 0) return null;
    return { joining, leaving, basedOn: random.chance(0.3) ? members.version : -1n };
  }

  private wrong(what: string, got: string): never {
    throw new Violation('members are what was asked for', `${this.name}: ${what} gave ${got}`);
  }
}
