import fc from "fast-check";
import { debian } from "../../../../src/distros/debian.ts";
import type { HostFiles } from "./virtual-host.ts";

const MAIN = debian.services.chrony.mainFile;

const line = fc.constantFrom(
  "server 192.0.2.1 iburst",
  "SERVER 192.0.2.2",
  "server 192.0.2.1 minpoll 4 prefer",
  "pool 2.debian.pool.ntp.org iburst",
  "  peer\tother.example",
  "refclock SHM 0",
  "allow",
  "allow all",
  "allow 10/8",
  "deny all",
  "deny 10.9.0.0/16",
  "allow 192.168.0.0/16",
  "local stratum 10",
  "local orphan",
  "makestep 1.0 3",
  "makestep 10 -1",
  "rtcsync",
  "log tracking",
  "bindcmdaddress ::1",
  "keyfile /etc/chrony.keys",
  "nonsense 1",
  "# a comment",
  "#allow 192.168.0.0/16",
  "! server example.net",
  "",
  "confdir /etc/chrony/conf.d",
  "confdir /etc/chrony/conf.d /etc/chrony/more.d",
  "include /etc/chrony/extra.conf",
  "include /etc/chrony/more.d/*.conf",
  "include /run/site.conf",
  "confdir /usr/share/site",
  "sourcedir /etc/chrony/sources.d",
  "sourcedir /run/chrony-dhcp",
);

const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, ending, last]) => lines.join(ending) + (last && lines.length > 0 ? ending : ""));

/** Files of a host in any state that an administrator could have left them in. */
export const generatedHost: fc.Arbitrary<HostFiles> = fc
  .record(
    {
      [MAIN]: text,
      "/etc/chrony/conf.d/a.conf": text,
      "/etc/chrony/conf.d/b.conf": text,
      "/etc/chrony/more.d/a.conf": text,
      "/etc/chrony/extra.conf": text,
      "/run/site.conf": text,
      "/usr/share/site/v.conf": text,
      "/etc/chrony/sources.d/x.sources": text,
    },
    { requiredKeys: [MAIN] },
  )
  .map((files): HostFiles => ({ ...files }));
