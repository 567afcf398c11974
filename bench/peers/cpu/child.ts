// One contender, in a process of its own: does as it is told, and says what it took.
import { DatabaseSync } from 'node:sqlite';
import { operations, type Contender, type Operation, type OperationName } from './contender.ts';
import { clean, create, readLeft } from './data.ts';

/** A request, and its answer. */
export type Message =
  | { readonly kind: 'check'; readonly operation: OperationName }
  | { readonly kind: 'measure'; readonly operation: OperationName; readonly milliseconds: number };

const [file, name] = process.argv.slice(2) as [string, string];
const module = (await import(file)) as Readonly<Record<string, Contender>>;
const contender = module[name]!;
const database = new DatabaseSync(':memory:');
create(database);
const known = await contender.open(database);

const isWrite = (operation: OperationName): boolean => operation.startsWith('insert') || operation.startsWith('change');

/** What an operation does, in words that can be compared. */
async function check(operation: OperationName, { run, tell }: Operation): Promise<string> {
  clean(database);
  database.exec('update authors set age = 20 + id % 50');
  const answer = await run();
  return JSON.stringify(isWrite(operation) ? readLeft(database) : tell!(answer as never));
}

/** Microseconds of processor time that one run takes, over as many runs as fill the time. */
async function measure({ run }: Operation, milliseconds: number, cleans: boolean): Promise<number> {
  let spent = 0;
  let runs = 0;
  for (const end = performance.now() + milliseconds; runs === 0 || performance.now() < end;) {
    if (cleans) clean(database);
    // A short one many times between two looks at the clock.
    const times = runs > 0 && spent / runs < 200 && !cleans ? 50 : 1;
    const start = process.cpuUsage();
    for (let time = 0; time < times; time++) await run();
    const { user, system } = process.cpuUsage(start);
    spent += user + system;
    runs += times;
  }
  return spent / runs;
}

process.on('message', (message: Message) => {
  const operation = known[message.operation]!;
  const answer =
    message.kind === 'check'
      ? check(message.operation, operation)
      : measure(operation, message.milliseconds, isWrite(message.operation));
  answer.then(
    (value) => process.send!({ value }),
    (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.send!({
  value: {
    name: contender.name,
    version: contender.version,
    operations: operations.filter((operation) => known[operation]),
    sqlite: database.prepare('select sqlite_version()').get()!['sqlite_version()'],
  },
});
