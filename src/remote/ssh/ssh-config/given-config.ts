import type { ConnectionSettings } from "../../../core/connection.ts";
import { LfceError } from "../../../core/errors.ts";
import { sshKeyword } from "../../../core/ssh-keywords.ts";
import { parseJumpHosts } from "../jump-host.ts";
import type { ConfigStatement } from "./document.ts";
import { parseConfigLine } from "./lines.ts";
import { type ConfigKeyword, isConfigKeyword, READERS, type Value } from "./values.ts";

/** A value that does not come from a file, as a statement; `from` says who gave it. */
export function givenValue<Keyword extends ConfigKeyword>(
  keyword: Keyword,
  value: Value<Keyword>,
  from: string,
): ConfigStatement {
  return { kind: "set", keyword, value, line: { file: from, line: 0, keyword, words: [], text: "" } };
}

/**
 * What inventory and command line say of a host, as statements before those of the files: variables of their own
 * first, then ssh's own arguments in their order. Throws: proxy-jump-invalid, ssh-config-invalid.
 */
export function givenConfig(settings: ConnectionSettings): ConfigStatement[] {
  const { port, user, connectTimeoutMs, knownHostsFiles, sshOptions = [] } = settings;
  return [
    ...(port === undefined ? [] : [givenValue("port", port, "ansible_port")]),
    ...(user === undefined ? [] : [givenValue("user", user, "ansible_user")]),
    ...(connectTimeoutMs === undefined
      ? []
      : [givenValue("connecttimeout", connectTimeoutMs / 1000, "--timeout")]),
    ...(settings.proxyJump === undefined ? [] : [givenJump(settings.proxyJump)]),
    ...(knownHostsFiles === undefined
      ? []
      : [givenValue("userknownhostsfile", knownHostsFiles, "ansible_ssh_common_args")]),
    ...sshOptions.flatMap(({ option, from }) => givenOption(option, from)),
  ];
}

function givenJump(hosts: readonly string[]): ConfigStatement {
  const parsed = parseJumpHosts(hosts.join(",") || "none");
  if (parsed) return givenValue("proxyjump", parsed, "ansible_ssh_common_args");
  throw new LfceError({
    code: "proxy-jump-invalid",
    message: `"${hosts.join(",")}" does not name a jump host`,
    hint: "write it as user@host:port; user and port may be left out",
  });
}

/** `Keyword=value` or `Keyword value`, as `-o` takes it. */
function givenOption(option: string, from: string): ConfigStatement[] {
  const line = parseConfigLine(option, from, 0);
  if (line === undefined || !isConfigKeyword(sshKeyword(line.keyword))) return [];
  const keyword = line.keyword as ConfigKeyword;
  return [{ kind: "set", keyword, value: READERS[keyword](line), line }];
}
