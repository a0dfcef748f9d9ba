import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";

export const main = "/etc/rsyslog.conf";
export const queue = { file: "q", maxDisk: "1g", saveOnShutdown: true, written: [] };

/** A forward without a queue, to which tests add what they are about. */
export const plain: DesiredForward = {
  address: "10.0.0.1",
  aliases: ["loghost.example"],
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  retry: 0,
  queue: false,
};
export const queued: DesiredForward = { ...plain, queue };

/** What is in force where the main file holds this text and nothing is included. */
export const modelIn = (text: string) => modelOf({ texts: new Map([[main, text]]), globs: {} }, main);
