import { CommitOutcomeUnknown, ConnectionLost, type Driver, type UnitResult } from 'cinnabar';

/**
 * What becomes of the next write: it is stored and its reply lost; it never arrives; it arrives only when told to; or there
 * is no connection to send it on.
 */
export type Loss = 'reply' | 'request' | 'delay' | 'connection';

/** A real driver before a network that loses something once. */
export interface LosingDriver<Interactive extends boolean> extends Driver<Interactive> {
  lose(what: Loss | undefined): void;
  /** Lets the request that is still under way arrive; what the database says to it. */
  arrive(): Promise<UnitResult>;
}

export function losing<Interactive extends boolean>(driver: Driver<Interactive>): LosingDriver<Interactive> {
  let loss: Loss | undefined;
  let late: (() => Promise<UnitResult>) | undefined;
  const pass = async (send: () => Promise<UnitResult>): Promise<UnitResult> => {
    const what = loss;
    loss = undefined;
    if (what === undefined) return send();
    if (what === 'connection') throw new ConnectionLost('there is no connection', { outcome: 'not sent' });
    if (what === 'reply') await send();
    if (what === 'delay') late = send;
    throw new CommitOutcomeUnknown('the reply was lost', { outcome: 'unknown' });
  };
  const begin = driver.begin?.bind(driver);
  return {
    ...driver,
    lose: (what) => (loss = what),
    arrive: () => late!(),
    execute: (unit, options) => {
      const send = (): Promise<UnitResult> => driver.execute(unit, options);
      return unit.mode === 'write' ? pass(send) : send();
    },
    ...(begin && {
      begin: async (options) => {
        const tx = await begin(options);
        return {
          execute: (unit, call) => tx.execute(unit, call),
          commit: (statements, call) => pass(() => tx.commit(statements, call)),
          rollback: () => tx.rollback(),
          get id() {
            return tx.id;
          },
        };
      },
    }),
  };
}
