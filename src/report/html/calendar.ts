/** Dates and times as the report's reader knows them: in one time zone, in words that need no locale of a machine. */
export interface Calendar {
  /** IANA name, e.g. `Europe/Vienna`. */
  readonly timeZone: string;
  /** `2026-11-23`, the day of a time (RFC 3339). */
  day(time: string): string;
  /** `23 Nov 2026, 02:30`. */
  moment(time: string): string;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A calendar in a time zone. Throws a RangeError for a zone that Intl does not know. */
export function calendarIn(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const part = (time: string) => {
    const parts = format.formatToParts(new Date(time));
    const value = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
    return {
      day: `${value("year")}-${value("month")}-${value("day")}`,
      clock: `${value("hour")}:${value("minute")}`,
    };
  };
  return {
    timeZone,
    day: (time) => (isTime(time) ? part(time).day : ""),
    moment: (time) => {
      if (!isTime(time)) return time;
      const { day, clock } = part(time);
      return `${longDay(day)}, ${clock}`;
    },
  };
}

/** `23 Nov`. */
export function shortDay(day: string): string {
  return `${dayOfMonth(day)} ${monthName(day)}`;
}

/** `23 Nov 2026`. */
export function longDay(day: string): string {
  return `${shortDay(day)} ${day.slice(0, 4)}`;
}

/** `Mon 23 Nov`. */
export function weekday(day: string): string {
  return `${WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? ""} ${shortDay(day)}`;
}

export function isMonday(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
}

export function dayOfMonth(day: string): number {
  return Number(day.slice(8, 10));
}

export function monthName(day: string): string {
  return MONTHS[Number(day.slice(5, 7)) - 1] ?? "";
}

/** How many days lie between two days. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}
