import type { ByteText } from "../../src/core/byte-text.ts";
import { parse } from "../../src/services/chrony/parse.ts";
import { type ChronySetting, chronyService } from "./chrony-service.ts";
import { chronyObjections } from "./chrony-verdict.ts";
import type { CorpusFile, CorpusServiceName } from "./corpus-files.ts";
import type { HostFiles } from "./edited-service.ts";
import type { Answer, Judge } from "./judge.ts";
import { rsyslogService } from "./rsyslog-service.ts";
import { lacksActions, rsyslogObjections } from "./rsyslog-verdict.ts";
import { hostOf, type Violation } from "./rules.ts";

/** What a judge was asked about one file. */
export interface Judgement {
  violations: Violation[];
  /** Edits of the file that were compared. */
  judged: number;
  /** Why no edit of the file could be judged. */
  unjudged?: string;
}

/** Has the daemon compare each setting's edit of a file with the file itself. */
export type JudgeFile = (judge: Judge, file: CorpusFile, version: string) => Promise<Judgement>;

/** How the files of each service are judged. `version` is the daemon's own: plans are made for it. */
export const judgeFile: Record<CorpusServiceName, JudgeFile> = { chrony: judgeChrony, rsyslog: judgeRsyslog };

async function judgeChrony(judge: Judge, file: CorpusFile, version: string): Promise<Judgement> {
  const host = hostOf(chronyService, file.content);
  const ask = (files: HostFiles) => judge.ask(["chronyd", "-p", "-f", chronyService.mainFile], files);
  const before = await ask(host);
  if (before.status !== 0) return { violations: [], judged: 0, unjudged: "chronyd refuses the file itself" };
  const verdict = (setting: ChronySetting, after: Answer) => chronyObjections(setting.desired, before, after);
  const judgement: Judgement = { violations: [], judged: 0 };
  const misread = chronyMisreadings(file.content, before);
  if (misread !== undefined)
    judgement.violations.push({
      file: file.name,
      setting: "-",
      rule: `read as chronyd ${version} reads it`,
      detail: misread,
    });
  for (const setting of chronyService.settings) {
    const edit = setting.apply(host, version);
    if (edit.errors.length > 0) continue;
    judgement.judged += 1;
    for (const detail of verdict(setting, await ask(edit.files)))
      judgement.violations.push({
        file: file.name,
        setting: setting.name,
        rule: `chronyd ${version}`,
        detail,
      });
  }
  return judgement;
}

/** Where the parser reads other directives than `chronyd -p` prints; includes are what it prints instead of them. */
function chronyMisreadings(content: ByteText, answer: Answer): string | undefined {
  const printed = answer.stdout
    .split("\n")
    .map((line) => line.trim().replace(/^\S+/, (name) => name.toLowerCase()));
  const read = parse(content)
    .lines.filter(({ kind, name }) => /^(directive|unknown)$/.test(kind) && !/^(include|confdir)$/.test(name))
    .map(({ name, arguments: words }) => [name, ...words].join(" "));
  const expected = printed.filter(Boolean).join("\n");
  if (read.join("\n") === expected) return undefined;
  return `chronyd prints ${JSON.stringify(expected)}, the parser reads ${JSON.stringify(read.join("\n"))}`;
}

async function judgeRsyslog(judge: Judge, file: CorpusFile, version: string): Promise<Judgement> {
  const { mainFile, settings } = rsyslogService;
  const content = withModulesByName(file.content);
  const host = hostOf(rsyslogService, content);
  const ask = (files: HostFiles) => judge.ask(["rsyslogd", "-N1", "-f", mainFile], files);
  const alone = await ask(host);
  if (alone.status > 100) {
    return {
      violations: [],
      judged: 0,
      unjudged: `rsyslogd ends with status ${alone.status} on the file itself`,
    };
  }
  // A file without an action is compared with one that has one more, as every edited file has.
  const withAction = hostOf(rsyslogService, `${content}\n*.* action(type="omfile" file="/dev/null")\n`);
  const before = lacksActions(alone) ? await ask(withAction) : alone;
  const judgement: Judgement = { violations: [], judged: 0 };
  for (const setting of settings) {
    const edit = setting.apply(host, version);
    if (edit.errors.length > 0) continue;
    judgement.judged += 1;
    const after = await ask(edit.files);
    for (const detail of rsyslogObjections({ mainFile, before: host, after: edit.files }, before, after))
      judgement.violations.push({
        file: file.name,
        setting: setting.name,
        rule: `rsyslogd ${version}`,
        detail,
      });
  }
  return judgement;
}

/**
 * Files of rsyslog's developers load modules from the directories where they were built. Here they are asked
 * for by name, else the daemon would know none of their parameters.
 */
function withModulesByName(content: ByteText): ByteText {
  return content
    .replaceAll(/^([ \t]*\$ModLoad[ \t]+)\S*\/(\w+)(?:\.so)?/gim, "$1$2")
    .replaceAll(/(\bload[ \t]*=[ \t]*")[^"\n]*\/(\w+)(?:\.so)?"/gi, '$1$2"');
}
