import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { corpusMissing } from "./corpus-files.ts";
import type { EditedService } from "./edited-service.ts";
import { type Judge, startJudge } from "./judge.ts";
import { judgeFile } from "./judging.ts";
import { checkEdits, checkPairs } from "./rules.ts";

/** The option that makes each daemon print its version. */
const askVersion = { chrony: ["chronyd", "--version"], rsyslog: ["rsyslogd", "-v"] };

/**
 * What `npm test` tries of a service's corpus: every file with every setting and each setting with the next; and
 * every nth file with this box's own daemon as judge. `npm run corpus` does the same, all of it.
 */
export function testCorpus(service: EditedService, sample: { everyNth: number }): void {
  const skip = corpusMissing(service.name);
  const files = service.files();

  describe(`${service.name} corpus`, { skip }, () => {
    it("has files", () => assert.ok(files.length > 100, `${files.length} files`));

    it("has settings enough, with different names", () => {
      assert.ok(service.settings.length >= 12);
      assert.equal(new Set(service.settings.map(({ name }) => name)).size, service.settings.length);
    });

    for (const file of files) {
      it(`${file.name}: read without loss, edited once, undone, settings switched`, () => {
        const { violations, edits } = checkEdits(service, file);
        assert.deepEqual([...violations, ...checkPairs(service, file, { next: 1 }).violations], []);
        assert.ok(edits > 0, "no setting could be planned");
      });
    }
  });

  describe(`${service.name} corpus, judged by this box's ${service.name}`, { skip }, async () => {
    const { judge, version, missing } = skip ? { missing: skip } : await ownDaemon(service);
    after(() => judge?.stop());
    const chosen = files.filter((_, index) => index % sample.everyNth === 0);
    let judged = 0;
    for (const file of chosen) {
      it(`${file.name}: nothing new to complain of`, { skip: missing }, async () => {
        if (!judge || !version) return;
        const judgement = await judgeFile[service.name](judge, file, version);
        judged += judgement.judged;
        assert.deepEqual(judgement.violations, []);
      });
    }
    it("judged most of the edits", { skip: missing }, () => {
      assert.ok(judged > (chosen.length * service.settings.length) / 2, `${judged} edits`);
    });
  });
}

/** The daemon of this box as judge, or why there is none. */
async function ownDaemon({
  name,
}: EditedService): Promise<{ judge?: Judge; version?: string; missing?: string }> {
  let judge: Judge;
  try {
    judge = await startJudge("/");
  } catch (error) {
    return { missing: `no edited ${name} file was judged by its daemon: ${(error as Error).message}` };
  }
  const { stdout } = await judge.ask(askVersion[name], new Map());
  const version = /\d+\.\d+(?:\.\d+)*/.exec(stdout)?.[0];
  if (version !== undefined) return { judge, version };
  await judge.stop();
  return { missing: `no edited ${name} file was judged: its daemon is not installed on this box` };
}
