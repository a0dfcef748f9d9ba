import type { Distro } from "./distro.ts";

export const debian: Distro = {
  family: "debian",
  ids: ["debian", "ubuntu"],
  packageManager: "apt-get",
  services: {
    chrony: {
      package: "chrony",
      unit: "chrony",
      mainFile: "/etc/chrony/chrony.conf",
      includes: [
        "/etc/chrony/conf.d/*.conf",
        "/run/chrony-dhcp/*.sources",
        "/etc/chrony/sources.d/*.sources",
      ],
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
  logGroup: "adm",
  messagesFile: "/var/log/syslog",
};
