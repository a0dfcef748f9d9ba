import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Another one by LFCE_CHROMIUM. */
const EXECUTABLE = process.env.LFCE_CHROMIUM ?? "/usr/bin/chromium";

/** Why these tests cannot run here; said where everybody sees it. */
export const noChromium = existsSync(EXECUTABLE)
  ? undefined
  : `SKIPPED: ${EXECUTABLE} is not there (Debian package chromium): nobody has looked at the report page`;
if (noChromium !== undefined) process.stdout.write(`\n== ${noChromium}\n`);

/** One browser with a profile of its own, and pages from files: no network anywhere. */
export interface TestBrowser {
  /** Opens a page's text; `problems` collects what its console said and every request but the one for itself. */
  open(html: string, options?: BrowserContextOptions): Promise<{ page: Page; problems: string[] }>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const place = mkdtempSync(join(tmpdir(), "lfce-browser-"));
  const browser: Browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  let pages = 0;
  return {
    async open(html, options = {}) {
      const file = join(place, `page-${pages++}.html`);
      writeFileSync(file, html);
      const own = pathToFileURL(file).href;
      const context = await browser.newContext({
        viewport: { width: 1300, height: 900 },
        offline: true,
        ...options,
      });
      // tsx gives functions their names with this helper, which the page does not have.
      await context.addInitScript("globalThis.__name = (one) => one");
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("console", (message) => problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("request", (request) => {
        if (request.url() !== own) problems.push(`request for ${request.url()}`);
      });
      await page.goto(own);
      return { page, problems };
    },
    async close() {
      await browser.close();
      rmSync(place, { recursive: true, force: true });
    },
  };
}
