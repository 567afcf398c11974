import { describe, expect, test } from 'vitest';
import { digestOfData } from '../../src/cli/source-digest.ts';

const file = (body: string): string => `import { data, revision } from 'cinnabar/migrate';
export default revision({ id: 'a', up: [data('fill', async (db) => {${body}})], down: [] });
`;
const digest = digestOfData(file(`await db.execute("update t set a = 'x'");`));

describe('the digest of data steps', () => {
  test.for([
    ['line endings and indentation', `\r\n    await db.execute(\r\n      "update t set a = 'x'",\r\n    );\r\n`],
    ['comments', ` /* first */ await db.execute("update t set a = 'x'"); // done\n`],
    ['the kind of quotes', String.raw`await db.execute('update t set a = \'x\'');`],
    ['semicolons', `await db.execute("update t set a = 'x'")`],
  ] as const)('is the same whatever %s', ([, body]) => {
    expect(digestOfData(file(body))).toBe(digest);
  });

  test.for([
    ['another value', `await db.execute("update t set a = 'y'");`],
    ['a space within quotes', `await db.execute("update t  set a = 'x'");`],
    ['a statement more', `await db.execute("update t set a = 'x'"); await db.execute('x');`],
    ['a condition turned round', `if (!db) await db.execute("update t set a = 'x'");`],
  ] as const)('changes with %s', ([, body]) => {
    expect(digestOfData(file(body))).not.toBe(digest);
  });

  test('says nothing of the rest of the file, and there is none without a data step', () => {
    const moved = file(`await db.execute("update t set a = 'x'");`).replace(
      `id: 'a'`,
      `id: 'a', message: 'later', parents: ['z']`,
    );
    expect(digestOfData(moved)).toBe(digest);
    expect(digestOfData(`export default revision({ id: 'a', up: [my.data('x')] });`)).toBeUndefined();
  });
});
