/** Resolves after five microtasks: time enough for calls of one turn, a few awaits apart, to come together. */
export async function afterTick(): Promise<void> {
  const settled = Promise.resolve();
  for (let turn = 0; turn < 5; turn++) await settled;
}
