export const work = async (): Promise<unknown> => null;
