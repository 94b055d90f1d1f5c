/** Spans of Swedish days, as the API wants them: `{from, to}`, both included. Pure. */

const SWEDISH_DAY = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Stockholm",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

const DAYS = {
  today: (day) => [day, day],
  yesterday: (day) => [shifted(day, -1), shifted(day, -1)],
  week: (day) => [shifted(day, -6), day],
  month: (day) => [`${day.slice(0, 8)}01`, day],
  last_month: (day) => {
    const last = shifted(`${day.slice(0, 8)}01`, -1);
    return [`${last.slice(0, 8)}01`, last];
  },
};

/** The names of all of them. */
export const PERIODS = Object.keys(DAYS);

/** The span of that name at a moment. */
export function periodOf(name, atMs) {
  const [from, to] = DAYS[name](SWEDISH_DAY.format(atMs));
  return { from, to };
}

/** So many days later; days of the calendar, however long they are. */
function shifted(day, days) {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}
