import { within } from '../../src/driver/call.ts';
import type { CallOptions } from '../../src/driver/driver.ts';
import { isFatal, replyIn, translate } from '../postgres-shared/errors.ts';
import type { Reserved } from './connection.ts';

/** How long one waits for a connection before asking again, in milliseconds; twice as long before each further time. */
const PATIENCE = 250;

/**
 * A connection of its own from the client. It is asked again where it does not answer: a connection that closes at that
 * moment takes the question with it; or, when it is opened again, answers with the error it was closed by (3.4.9). What
 * comes too late goes back.
 */
export async function reserve(sql: { reserve(): Promise<Reserved> }, options: CallOptions): Promise<Reserved> {
  const { promise: coming, resolve, reject } = Promise.withResolvers<Reserved>();
  let isOver = false;
  let pause = PATIENCE;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    clearTimeout(timer);
    timer = setTimeout(askAgain, pause);
    pause *= 2;
    try {
      const connection = await sql.reserve();
      if (isOver) connection.release();
      else resolve(connection);
      isOver = true;
    } catch (error) {
      if (isOver) return;
      if (isOld(error) && pause < 8 * PATIENCE) askAgain();
      else reject(error);
    }
  }
  const askAgain = (): void => void ask();

  try {
    return await within(options, 'not sent', () => {
      askAgain();
      return coming;
    });
  } catch (error) {
    throw translate(error, 'not sent');
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}

/** Whether the error ended a connection that there was, where no server says it to a new one. */
function isOld(error: unknown): boolean {
  const reply = replyIn(error);
  return reply !== undefined && isFatal(reply) && reply.code !== '57P03';
}
