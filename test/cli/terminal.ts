import { join } from 'node:path';
import pty from '@lydell/node-pty';
import { root } from '../guards/project.ts';

/** What a person's keys send. */
const KEYS: Readonly<Record<string, string>> = { '↵': '\r', '↓': '\u001b[B', '↑': '\u001b[A', '␣': ' ' };

/** How long a command may take, in milliseconds. */
const PATIENCE = 60_000;

/** What a terminal shows, without colours and movements of the cursor. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[[\d;?]*[A-Za-z]|\u001b[=>]|\r/g, '');
}

/** A shell in a terminal, as a person has it. */
export class Terminal implements AsyncDisposable {
  readonly #shell: pty.IPty;
  readonly #ended: Promise<void>;
  #seen = '';
  #changed: () => void = () => {};

  constructor(folder: string) {
    const path = [join(folder, 'node_modules/.bin'), join(root, 'node_modules/node/bin'), process.env['PATH']].join(
      ':',
    );
    const env = {
      ...process.env,
      PATH: path,
      PS1: '$ ',
      TERM: 'xterm-256color',
      NO_COLOR: '1',
      CI: '',
      HISTFILE: '/dev/null',
    };
    this.#shell = pty.spawn('bash', ['--norc', '--noprofile', '-i'], { cwd: folder, cols: 160, rows: 50, env });
    this.#shell.onData((text) => {
      this.#seen += text;
      this.#changed();
    });
    this.#ended = new Promise((resolve) => this.#shell.onExit(() => resolve()));
  }

  /** Sends what a person types; `↵`, `␣`, `↓` and `↑` are keys. */
  type(keys: string): void {
    this.#seen = '';
    this.#shell.write(Array.from(keys, (key) => KEYS[key] ?? key).join(''));
  }

  /** Waits until the terminal shows something, and gives all that it showed since the last keys. */
  async until(isThere: (shown: string) => boolean): Promise<string> {
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.#changed();
    }, PATIENCE);
    try {
      while (!isThere(plain(this.#seen))) {
        if (isLate) throw new Error(`the terminal shows something else: ${plain(this.#seen)}`);
        await new Promise<void>((resolve) => (this.#changed = resolve));
      }
      return plain(this.#seen);
    } finally {
      clearTimeout(late);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shell.kill('SIGKILL');
    await this.#ended;
  }
}
