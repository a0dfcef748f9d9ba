import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { patternIndex } from "../../../../src/services/rsyslog/server/pattern-index.ts";

const segment = fc.constantFrom("log", "web1", "web2", "*", "web*", "[0-9][0-9]", "12", "a.log", "*.log");
const pattern = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join("/")}`);

/** A path that a pattern matches, wildcards filled in. */
const filled = (text: string, word: string) => text.replaceAll("[0-9]", "1").replaceAll("*", word);
const matches = (text: string, path: string) =>
  new RegExp(`^${text.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`).test(path);

describe("an index of path patterns", () => {
  it("finds every pattern that shares a path with another one, and none that was taken out", () => {
    fc.assert(
      fc.property(fc.array(pattern), fc.array(pattern), pattern, (there, gone, wanted) => {
        const index = patternIndex<{ text: string }>();
        const items = there.map((text) => ({ text }));
        const removed = gone.map((text) => ({ text }));
        for (const item of [...items, ...removed]) index.add(item, item.text);
        index.candidates(wanted);
        for (const item of removed) index.remove(item, item.text);
        const found = index.candidates(wanted);
        for (const item of removed) assert.ok(!found.includes(item));
        for (const item of items) {
          const shared = ["", "1", "12", "log", "a.log", "a", "web1"].flatMap((word) => [
            filled(item.text, word),
            filled(wanted, word),
          ]);
          if (!shared.some((path) => matches(item.text, path) && matches(wanted, path))) continue;
          assert.ok(found.includes(item), `${item.text} for ${wanted}`);
        }
      }),
    );
  });

  it("names one candidate among thousands of clients' files, dated or not", () => {
    const index = patternIndex<string>();
    const dated = (host: string) => `/var/log/remote/${host}/[0-9][0-9][0-9][0-9].log`;
    for (let host = 0; host < 2000; host += 1) {
      for (const text of [`/var/log/remote/web${host}.log`, dated(`web${host}`)]) index.add(text, text);
    }
    assert.deepEqual(index.candidates("/var/log/remote/web77.log"), ["/var/log/remote/web77.log"]);
    assert.deepEqual(index.candidates(dated("web77")), [dated("web77")]);
  });
});
