/** What was tried, for the message. */
export interface AuthenticationLog {
  offered: string[];
  /** What the server said it takes. */
  accepted: string[];
  password: "unused" | "sent" | "refused" | "withheld" | "untrusted";
  /** Keys that were not tried, to leave room for the password. */
  keysLeft: number;
}
