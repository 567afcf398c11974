const FORM = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/**
 * What PostgreSQL writes of an instant, in whatever zone its session is, as an instant of UTC. Zones of long ago are of
 * seconds (`+05:41:16`), and the first and the last day of the type may be of another era or of a fifth digit there. What
 * has another form goes on as it is.
 */
export function toUtc(text: string): string {
  const found = FORM.exec(text);
  if (!found) return text;
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours, minutes = 0, seconds = 0, era] = found;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const date = new Date(0);
  // Before Christ there is no year 0: the first is that of astronomers.
  date.setUTCFullYear(era ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second) + (sign === '-' ? offset : -offset));
  return date.toISOString().replace('.000Z', `${fraction}Z`);
}
