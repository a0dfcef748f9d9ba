/** Service names that rsyslogd's inputs and forwards may be given in place of a number (IANA; services(5)). */
const services: Readonly<Record<string, Partial<Record<"tcp" | "udp", number>>>> = {
  syslog: { udp: 514 },
  "syslog-tls": { tcp: 6514, udp: 6514 },
};

/** A port as a number: written as one, or by its service name. NaN for anything else. */
export function portNumber(text: string, protocol: "tcp" | "udp" | "relp"): number {
  if (/^\d+$/.test(text)) return Number(text);
  return services[text.toLowerCase()]?.[protocol === "udp" ? "udp" : "tcp"] ?? Number.NaN;
}
