export const DATE = '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';
export const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d';

/** Whether the day exists, where `text` starts with a date: no 30 February. */
export function isDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  if (month !== 2) return day <= 30 + ((month + (month >> 3)) & 1);
  return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
