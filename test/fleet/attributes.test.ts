import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HostSession } from "../../src/core/host-session.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { onHost, openHost } from "./proof-hosts.ts";
import { appendLines } from "./service-change.ts";

const file = "/etc/chrony/chrony.conf";
/** x86-64 and arm64 call them 188 and 191, 5 and 8 (syscalls(2)); the machines have perl and no setfattr. */
const CALLS = `$arm = \`uname -m\` =~ /aarch64/; $set = $arm ? 5 : 188; $get = $arm ? 8 : 191; $file = "${file}";`;
/** One extended attribute of the user, and an access control list: one entry more for the user 4242 (acl(5)). */
const ACL = [
  [0x01, 6, 0xffffffff],
  [0x02, 4, 4242],
  [0x04, 4, 0xffffffff],
  [0x10, 4, 0xffffffff],
  [0x20, 4, 0xffffffff],
].map(([tag, rights, id]) => `pack("vvV", ${tag}, ${rights}, ${id})`);
const SET = `perl -e '${CALLS}
  sub put { my ($name, $value) = @_; syscall($set, $file, $name, $value, length $value, 0) == 0 or die "$name: $!" }
  put("user.lfce-test", "kept"); put("system.posix_acl_access", pack("V", 2) . ${ACL.join(" . ")});'`;
const GET = `perl -e '${CALLS}
  for (qw(user.lfce-test system.posix_acl_access)) {
    $name = $_; $value = "\\0" x 200; $length = syscall($get, $file, $name, $value, 200);
    print "$name ", $length < 0 ? "none" : unpack("H*", substr($value, 0, $length)), "\\n" }'`;

for (const machine of ["web1", "old1", "log1"]) {
  describe(`attributes of a file on ${machine}`, () => {
    let lab: Lab;
    let session: HostSession;
    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      session = await openHost(lab, machine);
    });
    after(() => session?.close());

    it("access control list, extended attributes, mode and owner stay with a change and with its way back", async () => {
      await onHost(lab, machine, `chown root:adm ${file} && chmod 0640 ${file} && ${SET}`);
      const looks = `${GET}; stat -c '%a %U %G' ${file}`;
      const before = await onHost(lab, machine, looks);
      assert.match(before, /^user\.lfce-test 6b657074\nsystem\.posix_acl_access 02000000.*\n/);
      const pending = await session.apply(await appendLines(lab, machine, { chrony: "# changed" }));
      assert.equal(await onHost(lab, machine, looks), before);
      assert.equal((await pending.rollback("the test is over")).healthy, true);
      assert.equal(await onHost(lab, machine, looks), before);
    });
  });
}
