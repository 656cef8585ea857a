/** What all clients asked of each key and were told, in the order of calls and returns: for the linearizability checker. */
import {
  checkRegister,
  type RegisterAction,
  type RegisterCall,
  type RegisterResult,
  type Verdict,
} from '../checkers/linearizability.js';

/** A call that is under way; if neither is called, its outcome is unknown. */
export interface PendingRegisterCall {
  ended(result: RegisterResult): void;
  /** It certainly had no effect, and says nothing of the state. */
  undone(): void;
}

export class Registers {
  private readonly calls = new Map<string, RegisterCall[]>();
  private now = 0;

  begin(key: string, action: RegisterAction): PendingRegisterCall {
    const call: RegisterCall = {
      action,
      calledAt: this.now++,
      returnedAt: Number.POSITIVE_INFINITY,
      result: null,
    };
    let of = this.calls.get(key);
    if (of === undefined) this.calls.set(key, (of = []));
    of.push(call);
    return {
      ended: (result) => {
        call.returnedAt = this.now++;
        call.result = result;
      },
      undone: () => void of.splice(of.indexOf(call), 1),
    };
  }

  /** By key. A read without an answer says nothing. */
  verdicts(): Map<string, Verdict> {
    const verdicts = new Map<string, Verdict>();
    for (const [key, calls] of this.calls) {
      const telling = calls.filter(({ action, result }) => result !== null || action.kind !== 'read');
      verdicts.set(key, checkRegister(telling));
    }
    return verdicts;
  }
}
