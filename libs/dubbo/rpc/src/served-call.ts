/** The context of a call that is served here. Most handlers never look: what costs something is made when it is asked for. */
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { CallContext } from './context.js';
import { type Attachments, DEFAULT_TIMEOUT_MS, Header, readAttachments, textOf } from './wire.js';

export class ServedCall implements CallContext {
  readonly deadlineMs: number;
  private controller: AbortController | null = null;
  private carried: Attachments | null = null;

  constructor(private readonly call: ServerUnaryCall<Buffer, Buffer>) {
    const deadline = call.getDeadline();
    const endsMs = deadline instanceof Date ? deadline.getTime() : deadline;
    this.deadlineMs = Number.isFinite(endsMs) ? endsMs : Date.now() + DEFAULT_TIMEOUT_MS;
  }

  get attachments(): Attachments {
    return (this.carried ??= readAttachments(this.call.metadata));
  }

  get application(): string {
    return textOf(this.call.metadata, Header.consumer);
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      const controller = (this.controller = new AbortController());
      if (this.call.cancelled) controller.abort();
      else this.call.on('cancelled', () => controller.abort());
    }
    return this.controller.signal;
  }
}
