import type { Warning } from "../../../src/core/errors.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";

type File = string | { text: string; ownerId?: number; mode?: number } | { unreadable: string };

/** A controller whose configuration exists only in the test. */
export function controller(files: Record<string, File>, option?: string) {
  const warnings: Warning[] = [];
  const environment: SshEnvironment = {
    home: "/home/me",
    localUser: "me",
    agentSocket: "/run/agent",
    readFile: async () => undefined,
    sshConfig: {
      ...(option === undefined ? {} : { file: option }),
      userId: 1000,
      hostName: "desk.example.org",
      variable: (name) => ({ KEYS: "/keys", AGENT: "/run/other" })[name],
      read: async (path) => {
        const file = files[path];
        if (file === undefined) return undefined;
        if (typeof file === "string") return { text: file, ownerId: 1000, mode: 0o100600 };
        if ("unreadable" in file) throw Object.assign(new Error(file.unreadable), { code: file.unreadable });
        return { ownerId: 1000, mode: 0o100644, ...file };
      },
      list: async (directory) =>
        Object.keys(files)
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1).split("/")[0] ?? ""),
      warn: (warning) => warnings.push(warning),
    },
  };
  return { environment, warnings };
}
