import { type Calendar, calendarIn } from "../report/html/calendar.ts";

/** The machine's own time zone; UTC where TZ says nothing that Intl knows (empty, `:/etc/localtime`, a wrong name). */
export function localCalendar(): Calendar {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  try {
    return calendarIn(timeZone ?? "UTC");
  } catch {
    return calendarIn("UTC");
  }
}
