/**
 * A driver that loses what passes it: the reply to a call (the server has done it, the client never hears), or the
 * request. Either way the connection is gone, and the client does not know which of the two it was.
 */
import type {
  Driver,
  DriverFactory,
  DriverOptions,
  WireCallName,
  WireCalls,
  WireOutcome,
} from '@menagerie/zookeeper-client';

export type Loss = 'reply' | 'request' | null;

/** @param next asked once a call, in order, over all connections of the client. */
export const lossy =
  (next: (name: WireCallName) => Loss) =>
  (inner: DriverFactory): DriverFactory => {
    const make = (options: DriverOptions): Driver => {
      const driver = inner(options);
      return {
        open: (...args) => driver.open(...args),
        drop: (reason) => driver.drop(reason),
        ping: () => driver.ping(),
        closeSession: (done) => driver.closeSession(done),
        destroy: () => driver.destroy(),
        call<N extends WireCallName>(
          name: N,
          request: WireCalls[N]['request'],
          done: (outcome: WireOutcome<N>) => void,
        ): void {
          const loss = next(name);
          if (loss === null) return driver.call(name, request, done);
          if (loss === 'request') {
            done({ kind: 'lost', sent: true });
            driver.drop('the request was lost');
            return;
          }
          driver.call(name, request, () => {
            done({ kind: 'lost', sent: true });
            driver.drop('the reply was lost');
          });
        },
      };
    };
    return Object.assign(make, { driverName: inner.driverName, features: inner.features });
  };
