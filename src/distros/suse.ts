import type { Distro } from "./distro.ts";

export const suse: Distro = {
  family: "suse",
  ids: ["suse", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles", "sled"],
  packageManager: "zypper",
  services: {
    chrony: {
      package: "chrony",
      unit: "chronyd",
      mainFile: "/etc/chrony.conf",
      includes: ["/etc/chrony.d/*.conf"],
    },
    rsyslog: {
      package: "rsyslog",
      unit: "rsyslog",
      mainFile: "/etc/rsyslog.conf",
      includes: ["/etc/rsyslog.d/*.conf"],
    },
  },
  spoolDirectory: "/var/spool/rsyslog",
  logOwner: "root",
  logGroup: "root",
  messagesFile: "/var/log/messages",
};
