/**
 * `npm run page:demo -- DIRECTORY`: writes the report page of invented fleets, to look at while working on it, and
 * pictures of it where Chromium is there. docs/images/ holds some of them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { demoRuns } from "../unit/report/html/demo-fleet.ts";
import { noChromium, startBrowser } from "./chromium.ts";
import { makePage } from "./make-page.ts";

const directory = resolve(process.argv[2] ?? "demo-pages");
mkdirSync(directory, { recursive: true });
const pages = {
  "5-hosts": makePage(demoRuns({ hosts: 5, nights: 30 })),
  "50-hosts": makePage(demoRuns({ hosts: 50, nights: 30 })),
  "500-hosts": makePage(demoRuns({ hosts: 500, nights: 60 })),
  calm: makePage(demoRuns({ hosts: 50, nights: 30, isCalm: true })),
};
const browser = noChromium === undefined ? await startBrowser() : undefined;
for (const [name, html] of Object.entries(pages)) {
  writeFileSync(join(directory, `${name}.html`), html);
  for (const colorScheme of ["light", "dark"] as const) {
    const opened = await browser?.open(html, { colorScheme, viewport: { width: 1240, height: 900 } });
    if (!opened) continue;
    const { page } = opened;
    const picture = (part: string) => join(directory, `${name}-${colorScheme}${part}.png`);
    await page.screenshot({ path: picture(""), fullPage: true });
    await page.locator("#topology").screenshot({ path: picture("-topology") });
    await page.locator("#timeline").screenshot({ path: picture("-nights") });
    const host = page.locator("#timeline tbody a").first();
    if ((await host.count()) > 0) {
      await host.click();
      await page.screenshot({ path: picture("-host") });
    }
    await page.context().close();
  }
}
await browser?.close();
process.stdout.write(`${directory}\n`);
