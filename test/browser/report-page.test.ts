import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { demoRuns } from "../unit/report/html/demo-fleet.ts";
import { runAt } from "../unit/report/html/events.ts";
import { audit, faintMarks, lowContrast } from "./audit.ts";
import { noChromium, startBrowser, type TestBrowser } from "./chromium.ts";
import { makePage } from "./make-page.ts";

describe("the report page in a browser", { skip: noChromium }, () => {
  const small = makePage(demoRuns({ hosts: 5, nights: 30 }));
  const large = makePage(demoRuns({ hosts: 500, nights: 60 }));
  const calm = makePage(demoRuns({ hosts: 50, nights: 30, isCalm: true }));
  let browser: TestBrowser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  const dialogTitle = (page: Page) => page.locator("#dialog-title").textContent();

  for (const [name, html] of Object.entries({ small, large, calm })) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`${name}, ${colorScheme}: asks no network, says nothing to the console, can be read by everybody`, async () => {
        const { page, problems } = await browser.open(html, { colorScheme });
        await page.evaluate(() => {
          for (const one of document.querySelectorAll("details")) one.open = true;
        });
        assert.deepEqual(await audit(page), []);
        assert.deepEqual(await lowContrast(page), []);
        assert.deepEqual(await faintMarks(page), []);
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }
  }

  it("is another picture in the dark", async () => {
    const { page } = await browser.open(small, { colorScheme: "light" });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await ground(), light);
    await page.context().close();
  });

  it("does not need its width: nothing but tables and the picture scrolls sideways", async () => {
    for (const width of [360, 768, 1300]) {
      const { page } = await browser.open(large, { viewport: { width, height: 800 } });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${over} pixels too wide at ${width}`);
      await page.context().close();
    }
  });

  it("finds a host by a part of its name, in every section, and shows all again", async () => {
    const { page } = await browser.open(large);
    const rows = () => page.locator(".hosts-table tbody tr:visible").count();
    await page.keyboard.press("/");
    await page.keyboard.type("APP0 ams");
    assert.equal(await page.locator("#search-result").textContent(), "9 of 500");
    assert.equal(await rows(), 9);
    assert.ok((await page.locator("#timeline tbody tr:visible").count()) < 7);
    assert.equal(await page.locator(".problem.now:visible", { hasText: "unit-disabled" }).count(), 0);
    assert.ok((await page.locator(".node.miss").count()) > 5);
    await page.keyboard.press("Enter");
    assert.equal(await dialogTitle(page), "app01-ams");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "search");
    await page.keyboard.press("Escape");
    assert.equal(await rows(), 500);
    await page.context().close();
  });

  it("is walked by keyboard: skip link, sections, findings, picture, nights, hosts", async () => {
    const { page } = await browser.open(small);
    const walk: string[] = [];
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press("Tab");
      const [text, hasRing] = await page.evaluate(() => {
        const own = document.activeElement;
        const style = own && getComputedStyle(own);
        const box = own?.querySelector(".box");
        const isVisible =
          style?.outlineStyle !== "none" || (box ? getComputedStyle(box).strokeWidth === "3px" : false);
        return [
          own === document.body ? "END" : `${own?.tagName} ${own?.textContent?.trim().slice(0, 20)}`,
          isVisible,
        ] as const;
      });
      if (text === "END") break;
      assert.ok(hasRing, `nobody sees the focus on ${text}`);
      walk.push(text);
    }
    assert.equal(walk[0], "A Skip to what was fou");
    const at = (start: string) => walk.findIndex((one) => one.startsWith(start));
    const order = ["A Found", "INPUT", "SUMMARY", "a ", "A app1", "A app1"].map(at);
    assert.ok(
      order.every((place) => place >= 0),
      walk.join(" | "),
    );
    assert.ok(walk.length < 30, `too many stops: ${walk.join(" | ")}`);
    await page.context().close();
  });

  it("opens a host from the nights by keyboard, goes through its nights, and comes back", async () => {
    const { page, problems } = await browser.open(small);
    await page.locator("#timeline tbody a").first().focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(page), "1");
    await page.keyboard.press("End");
    assert.equal(await focused(page), "3");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(page), "1");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    assert.equal(await dialogTitle(page), "app1");
    assert.equal(await page.locator("dialog .found-one").count(), 3);
    assert.match((await page.locator("dialog h3").textContent()) ?? "", /^Mon 23 Nov 2026: drifted/);
    assert.match(
      (await page.locator("dialog ins").first().textContent()) ?? "",
      /^\+# lfce: begin syslog_client/,
    );
    await page.keyboard.press("ArrowLeft");
    assert.match((await page.locator("dialog h3").textContent()) ?? "", /^Sun 22 Nov 2026/);
    assert.equal(await page.locator("dialog .found-one").count(), 2);
    await page.keyboard.press("Home");
    assert.match((await page.locator("dialog h3").textContent()) ?? "", /^Sun 25 Oct 2026: as declared/);
    assert.deepEqual(await audit(page), []);
    assert.deepEqual(await lowContrast(page), []);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    assert.equal(await focused(page), "3");
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("a click in a spell of many nights opens the night under the pointer", async () => {
    const { page } = await browser.open(small);
    const cell = page.locator("#timeline tbody tr", { hasText: "app1" }).locator("td[colspan] a").first();
    const box = await cell.boundingBox();
    assert.ok(box);
    await cell.click({ position: { x: box.width * 0.6, y: 8 } });
    const [, day] = /^\w+ (\d+) Nov/.exec((await page.locator("dialog h3").textContent()) ?? "") ?? [];
    assert.ok(Number(day) > 11 && Number(day) < 21, `night of ${day}`);
    await page.context().close();
  });

  it("a box of the picture opens its host, or its hosts; arrow keys go from box to box", async () => {
    const { page } = await browser.open(large);
    await page.locator("a.node.host", { hasText: "time1-fra" }).first().focus();
    await page.keyboard.press("ArrowDown");
    assert.match(await focused(page), /time2-fra|time2-sin|time1-sin/);
    assert.ok((await page.locator(".line.near").count()) > 0);
    await page.locator("a.node.group").first().focus();
    await page.keyboard.press("Enter");
    assert.match((await dialogTitle(page)) ?? "", /: \d+ hosts$/);
    await page.locator("dialog .hosts a").first().click();
    assert.match((await dialogTitle(page)) ?? "", /^[a-z]+\d+-[a-z]{3}$/);
    await page.keyboard.press("Escape");
    await page.context().close();
  });

  it("a link to a finding opens it, from the table and from an address", async () => {
    const { page } = await browser.open(small);
    await page.locator(".hosts-table a.code").first().click();
    assert.equal(await page.locator(".problem[open]").count(), 1);
    await page.context().close();
  });

  it("shows hostile text as text, wherever it stands, and runs none of it", async () => {
    const evil = `</script><img src=x onerror="document.title='bad'"><svg onload=alert(1)>{{7*7}}`;
    const drift = [{ code: evil, item: evil, message: evil, detail: `@@\n+${evil}\n-${evil}\n` }];
    const links = [{ kind: "ntp", to: evil, state: "broken", detail: evil } as const];
    const html = makePage([
      runAt("2026-03-01T02:00:00Z", { [evil]: { drift, links } }),
      runAt("2026-03-02T02:00:00Z", {
        [evil]: { drift, links },
        b: { error: { code: evil, message: evil, hint: evil } },
      }),
    ]);
    const { page, problems } = await browser.open(html);
    await page.locator("#timeline tbody td a").first().click();
    assert.equal(await dialogTitle(page), evil);
    assert.equal(await page.locator("dialog ins").textContent(), `+${evil}\n`);
    await page.keyboard.press("Escape");
    await page.locator("#search").fill("onerror");
    assert.equal(await page.locator("#search-result").textContent(), "1 of 2");
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await page.title(), "Drift of lab.yml");
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("its policy stops what would get in all the same: no foreign script, no style, no picture", async () => {
    const { page, problems } = await browser.open(small);
    const stopped: string[] = [];
    page.on("requestfailed", (request) => stopped.push(request.failure()?.errorText ?? ""));
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'bad'";
      const picture = document.createElement("img");
      picture.src = "https://example.org/x.png";
      document.body.append(script, picture);
    });
    await page.waitForFunction(() => document.images[0]?.complete);
    assert.equal(await page.title(), "Drift of playbooks/production.yml");
    assert.equal(problems.filter((problem) => /Content Security Policy/.test(problem)).length, 2);
    assert.deepEqual(stopped, ["csp"]);
    await page.context().close();
  });

  it("reads without its script: every finding, host and link", async () => {
    const { page } = await browser.open(small, { javaScriptEnabled: false });
    await page.locator(".problem summary").first().click();
    await page.getByText("+# lfce: begin syslog_client").waitFor();
    assert.equal(await page.locator("#search").isVisible(), false);
    assert.equal(await page.locator(".hosts-table tbody tr").count(), 5);
    await page.context().close();
  });

  it("prints with everything unfolded, in few pages, and folds again", async () => {
    for (const [html, limit] of [
      [small, 8],
      [large, 60],
    ] as const) {
      const { page } = await browser.open(html, { colorScheme: "dark" });
      const folded = await page.locator("details[open]").count();
      const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
      assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
      const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
      assert.ok(pages > 1 && pages <= limit, `${pages} pages`);
      assert.equal(await page.locator("details[open]").count(), folded);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      assert.equal(
        await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
        "rgb(255, 255, 255)",
      );
      assert.deepEqual(await lowContrast(page), []);
      await page.context().close();
    }
  });
});
