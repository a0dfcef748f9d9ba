import type { Distro } from "./distro.ts";

export const el: Distro = {
  family: "el",
  ids: ["rhel", "centos", "rocky", "almalinux", "fedora", "ol", "amzn"],
  packageManager: "dnf",
  services: {
    chrony: {
      package: "chrony",
      unit: "chronyd",
      mainFile: "/etc/chrony.conf",
      includes: ["/run/chrony-dhcp/*.sources"],
    },
    rsyslog: {
      package: "rsyslog",
      unit: "rsyslog",
      mainFile: "/etc/rsyslog.conf",
      includes: ["/etc/rsyslog.d/*.conf"],
    },
  },
  spoolDirectory: "/var/lib/rsyslog",
  logOwner: "root",
  logGroup: "root",
  messagesFile: "/var/log/messages",
};
