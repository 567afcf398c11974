import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expectSame } from '../../support/raw.ts';
import { operations, type OperationName } from './contender.ts';
import type { Message } from './child.ts';

/** Where a contender is: a file of `contenders`, and its export there. */
export type Place = readonly [file: string, name: string];

/** How thoroughly. */
export interface Effort {
  readonly rounds: number;
  /** Of processor time, for each operation: at first, and in each round. */
  readonly warmUp: number;
  readonly round: number;
}

export interface Measured {
  readonly name: string;
  readonly version: string;
  readonly sqlite: string;
  /** Microseconds, each round's. */
  readonly rounds: ReadonlyMap<OperationName, readonly number[]>;
}

class Runner implements Disposable {
  readonly #child: ChildProcess;
  readonly rounds: Map<OperationName, number[]> = new Map();
  name = '';
  version = '';
  sqlite = '';

  constructor([file, name]: Place) {
    const url = new URL(`../contenders/${file}.ts`, import.meta.url).href;
    this.#child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [url, name]);
  }

  async start(): Promise<this> {
    const about = await this.#answer<Omit<Measured, 'rounds'> & { readonly operations: OperationName[] }>();
    this.name = about.name;
    this.version = about.version;
    this.sqlite = about.sqlite;
    for (const operation of about.operations) this.rounds.set(operation, []);
    return this;
  }

  async ask<T>(message: Message): Promise<T> {
    const answer = this.#answer<T>();
    this.#child.send(message);
    return answer;
  }

  async #answer<T>(): Promise<T> {
    const ended = new AbortController();
    try {
      const [said] = (await Promise.race([
        once(this.#child, 'message', { signal: ended.signal }),
        once(this.#child, 'exit', { signal: ended.signal }).then(() => [{ error: 'the process ended' }]),
      ])) as [{ readonly value: T; readonly error?: string }];
      if (said.error !== undefined) throw new Error(`${this.name}: ${said.error}`);
      return said.value;
    } finally {
      ended.abort();
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

/** Each operation by each contender, one after the other in every round; the first contender says what is right. */
export async function measureAll(
  places: readonly Place[],
  only: (operation: OperationName) => boolean,
  effort: Effort,
): Promise<Measured[]> {
  using stack = new DisposableStack();
  const runners = await Promise.all(places.map((place) => stack.use(new Runner(place)).start()));
  for (const operation of operations.filter(only)) {
    const able = runners.filter(({ rounds }) => rounds.has(operation));
    if (operation !== 'compile 4 joins') await compare(able, operation);
    for (const runner of able) await runner.ask({ kind: 'measure', operation, milliseconds: effort.warmUp });
    for (let round = 0; round < effort.rounds; round++) {
      for (const runner of able) {
        const spent = await runner.ask<number>({ kind: 'measure', operation, milliseconds: effort.round });
        runner.rounds.get(operation)!.push(spent);
      }
    }
  }
  return runners.map(({ name, version, sqlite, rounds }) => ({ name, version, sqlite, rounds }));
}

async function compare(runners: readonly Runner[], operation: OperationName): Promise<void> {
  let wanted: unknown;
  for (const runner of runners) {
    const found = JSON.parse(await runner.ask<string>({ kind: 'check', operation })) as unknown;
    wanted ??= found;
    expectSame(`${runner.name}: ${operation}`, found, wanted);
  }
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
}
