import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const WORKERD = fileURLToPath(new URL('../../../node_modules/workerd/bin/workerd', import.meta.url));

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker", esModule = embed "worker.js")], compatibilityDate = "2026-07-01"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);`;

/** A process of workerd with one Worker in it. */
export class RunningWorker implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #port: number;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.#port = port;
  }

  static async start(folder: string, code: string): Promise<RunningWorker> {
    await writeFile(join(folder, 'worker.js'), code);
    await writeFile(join(folder, 'config.capnp'), CONFIG);
    const child = spawn(WORKERD, ['serve', join(folder, 'config.capnp'), '--control-fd=3'], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    for await (const line of createInterface(child.stdio[3] as Readable)) {
      const said = JSON.parse(line) as { readonly event: string; readonly port?: number };
      if (said.event === 'listen') return new RunningWorker(child, said.port!);
    }
    throw new Error('workerd ended before it listened');
  }

  async ask(times: number): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}/?times=${times}`);
    if (!answer.ok) throw new Error(`the Worker answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  /** Milliseconds of processor time so far, of all its threads. */
  cpu(): number {
    const tasks = `/proc/${this.#process.pid}/task`;
    let nanoseconds = 0;
    for (const task of readdirSync(tasks))
      nanoseconds += Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]);
    return nanoseconds / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}
