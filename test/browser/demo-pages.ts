/**
 * `npm run page:demo -- DIRECTORY`: writes the report page of invented fleets, to look at while working on it, and
 * pictures of it where Chromium is there; those of docs/images/ are among them (report-….png).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { demoRuns } from "../unit/report/html/demo-fleet.ts";
import { noChromium, startBrowser, type TestBrowser } from "./chromium.ts";
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
if (browser) await documentationPictures(browser);
await browser?.close();
process.stdout.write(`${directory}\n`);

async function documentationPictures({ open }: TestBrowser): Promise<void> {
  const path = (name: string) => join(directory, `report-${name}.png`);
  const large = await open(pages["500-hosts"], { viewport: { width: 1180, height: 820 } });
  await large.page.screenshot({ path: path("glance") });
  await large.page.locator("#topology").screenshot({ path: path("time-and-logs") });
  const dark = await open(pages["500-hosts"], {
    colorScheme: "dark",
    viewport: { width: 1240, height: 820 },
  });
  await dark.page.locator("#timeline").screenshot({ path: path("nights-dark") });
  const small = await open(pages["5-hosts"], { viewport: { width: 1000, height: 900 } });
  await small.page.locator("#timeline tbody a").first().click();
  await small.page.locator("dialog").screenshot({ path: path("host") });
}
