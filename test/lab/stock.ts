import { readFileSync } from "node:fs";
import { join } from "node:path";
import { labError } from "./errors.ts";
import type { Lab } from "./lab.ts";
import { isThere, projectRoot } from "./paths.ts";

/** A service whose stock configuration can be put on a machine. */
export type StockService = "chrony" | "rsyslog";

/** Where the stock files of distributions lie: LFCE_STOCK, or next to the project's folder. Absent on most boxes. */
const stockDirectory = () => process.env.LFCE_STOCK || join(projectRoot, "../shared/corpus/stock");

/** A distribution's stock file, such as `("chrony", "rocky-9.conf")`; undefined where there is no collection. */
export function readStockFile(service: StockService, name: string): string | undefined {
  const file = join(stockDirectory(), service, name);
  return isThere(file) ? readFileSync(file, "utf8") : undefined;
}

/** Puts text in the place of a machine's main configuration file and restarts the service with it. */
export async function putStockFile(
  lab: Lab,
  machine: string,
  service: StockService,
  text: string,
): Promise<void> {
  const isEl = lab.machine(machine).image.startsWith("el9");
  const chrony = isEl ? "/etc/chrony.conf" : "/etc/chrony/chrony.conf";
  await lab.write(machine, service === "chrony" ? chrony : "/etc/rsyslog.conf", text);
  const unit = service === "chrony" && isEl ? "chronyd" : service;
  const restarted = await lab.run(machine, ["systemctl", "restart", unit]);
  if (restarted.code !== 0)
    throw labError(`${unit} on ${machine} does not start: ${restarted.stderr.trim()}`);
}
