import type { ObservedHost } from "../../../src/core/observed.ts";
import { debian } from "../../../src/distros/debian.ts";
import { observe } from "../services/chrony/virtual-host.ts";
import { observedHost } from "../services/rsyslog/host.ts";

const CHRONY = "pool 2.debian.pool.ntp.org iburst\nkeyfile /etc/chrony/chrony.keys\nmakestep 1 3\n";
const RSYSLOG = [
  'module(load="imuxsock")',
  "$WorkDirectory /var/spool/rsyslog",
  "$IncludeConfig /etc/rsyslog.d/*.conf",
  "*.*;auth,authpriv.none -/var/log/syslog",
  "",
].join("\n");

/** A Debian host with both daemons, on which these names resolve; `files` in place of the stock ones. */
export function stockHost(names: Record<string, string[]>, files?: Record<string, string>): ObservedHost {
  const { chrony, rsyslog } = debian.services;
  const all = files ?? { [chrony.mainFile]: CHRONY, [rsyslog.mainFile]: RSYSLOG };
  const time = observe({
    distro: debian,
    version: "4.6",
    files: { [chrony.mainFile]: all[chrony.mainFile] ?? "" },
  });
  const others = Object.entries(all).filter(([path]) => path !== chrony.mainFile);
  const logs = observedHost(new Map(others), rsyslog.mainFile, { versions: { rsyslog: "8.2504.0" } });
  return {
    ...logs,
    names,
    versions: { ...logs.versions, ...time.versions },
    programs: { ...logs.programs, ...time.programs },
    units: { ...logs.units, ...time.units },
    files: { ...logs.files, ...time.files },
    globs: { ...logs.globs, ...time.globs },
  };
}
