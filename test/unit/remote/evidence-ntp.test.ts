import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { NtpEvidenceRequest } from "../../../src/core/evidence.ts";
import { ntpEvidence } from "../../../src/remote/evidence.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { type EvidenceHost, evidenceHost } from "./evidence-host.ts";

const request: NtpEvidenceRequest = {
  unit: "chrony",
  waitSeconds: 20,
  acceptable: ["10.0.0.1"],
  maxOffset: 0.1,
  burst: false,
  accessChecks: [],
  names: [],
};
const source = (state: string, address = "10.0.0.1", offset = "0.000000170", mode = "^"): string =>
  `${mode},${state},${address},10,6,17,4,${offset},0.000000593,0.000003565\n`;

for (const shell of scriptShells) {
  describe(`ntp-evidence.sh under ${shell.name}`, () => {
    const host = (t: TestContext): EvidenceHost | undefined => {
      if (!usesShell(t, shell.program)) return undefined;
      const made = evidenceHost(shell);
      t.after(made.remove);
      made.answer("systemctl is-active chrony", "active\n");
      made.answer("chronyc -c tracking", "7F7F0101,,10,1.0,0,0,0,0,0,0,0,0,0.0,Normal\n");
      return made;
    };

    it("waits until an acceptable source is selected, and says how long that took", async (t) => {
      const made = host(t);
      if (!made) return;
      const [waiting, other] = [source("?"), source("*", "10.0.0.9")];
      made.answer("chronyc -c -n sources", source("*"), waiting, other, waiting);
      const evidence = await ntpEvidence(made.channel, request);
      assert.ok((evidence.selectedAfterMs ?? 0) >= 900, `${evidence.selectedAfterMs} ms`);
      assert.equal(evidence.sources, source("*").trimEnd());
      assert.equal(evidence.unitState, "active");
    });

    it("does not take a source that is further off than allowed", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer(
        "chronyc -c -n sources",
        source("*", "10.0.0.1", "-0.099999999"),
        source("*", "10.0.0.1", "-0.100001"),
      );
      const evidence = await ntpEvidence(made.channel, request);
      assert.ok((evidence.selectedAfterMs ?? 0) > 300, "the first answer was beyond the limit");
      made.answer("chronyc -c -n sources", source("*", "10.0.0.1", "5.012345678"));
      assert.equal(
        (await ntpEvidence(made.channel, { ...request, waitSeconds: 0 })).selectedAfterMs,
        undefined,
      );
    });

    it("takes a name as configured, and any source where asked to", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc -c -n sources", source("*"));
      made.answer("chronyc -c -N sources", source("*", "clock.example"));
      const named = { ...request, waitSeconds: 0, acceptable: ["clock.example"] };
      assert.notEqual((await ntpEvidence(made.channel, named)).selectedAfterMs, undefined);
      const any = { ...request, waitSeconds: 0, acceptable: ["*"] };
      assert.notEqual((await ntpEvidence(made.channel, any)).selectedAfterMs, undefined);
    });

    it("takes a reference clock when an acceptable source is usable", async (t) => {
      const made = host(t);
      if (!made) return;
      const clock = source("*", "PPS0", "0.000000001", "#");
      made.answer("chronyc -c -n sources", clock + source("?"));
      const once = { ...request, waitSeconds: 0 };
      assert.equal((await ntpEvidence(made.channel, once)).selectedAfterMs, undefined);
      made.answer("chronyc -c -n sources", clock + source("-"));
      assert.notEqual((await ntpEvidence(made.channel, once)).selectedAfterMs, undefined);
    });

    it("resolves names as the host does and accepts what they resolve to", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer(
        "getent ahosts clock.example",
        "10.0.0.1 STREAM clock.example\n10.0.0.1 DGRAM\nfd00::1 STREAM\n",
      );
      made.answer("chronyc -c -n sources", source("*"));
      const names = ["clock.example", "nosuch.example"];
      const evidence = await ntpEvidence(made.channel, {
        ...request,
        waitSeconds: 0,
        acceptable: names,
        names,
      });
      assert.notEqual(evidence.selectedAfterMs, undefined);
      assert.deepEqual(evidence.names, { "clock.example": ["10.0.0.1", "fd00::1"], "nosuch.example": [] });
    });

    it("does not wait for a daemon that is down", async (t) => {
      const made = host(t);
      if (!made) return;
      const down = evidenceHost(shell);
      t.after(down.remove);
      const evidence = await ntpEvidence(down.channel, request);
      assert.deepEqual(
        [evidence.selectedAfterMs, evidence.unitState, evidence.tracking],
        [undefined, "", ""],
      );
    });

    it("asks for a burst once, and only where nothing is selected", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc -c -n sources", source("*"), source("?"), source("?"), source("?"));
      await ntpEvidence(made.channel, { ...request, burst: true });
      assert.deepEqual(
        made.calls().filter((call) => call.startsWith("chronyc burst")),
        ["chronyc burst 4/4"],
      );
    });

    it("looks again as soon as chronyd follows another clock", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc waitsync 20 0 0 0.1", "try: 1, refid: 0A000001\n");
      made.answer("chronyc -c -n sources", source("*"), source("?"));
      const evidence = await ntpEvidence(made.channel, request);
      assert.notEqual(evidence.selectedAfterMs, undefined);
      assert.deepEqual(
        made.calls().filter((call) => call.startsWith("sleep") || call.startsWith("chronyc waitsync")),
        ["chronyc waitsync 20 0 0 0.1"],
      );
    });

    it("does not wait for another clock beyond the time that it was given", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc -c -n sources", source("?"));
      await ntpEvidence(made.channel, { ...request, waitSeconds: 0.9 });
      const tries = made.calls().flatMap((call) => /^chronyc waitsync (\d+) /.exec(call)?.[1] ?? []);
      assert.ok(tries.length > 0);
      assert.deepEqual(
        tries.filter((number) => Number(number) > 10),
        [],
      );
    });

    it("tells no more than the proof needs once a source is selected, and everything when none is", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc -c activity", "1,0,0,0,0\n");
      const once: NtpEvidenceRequest = { ...request, waitSeconds: 0, only: "selection" };
      made.answer("chronyc -c -n sources", source("?"));
      assert.equal((await ntpEvidence(made.channel, once)).activity, "1,0,0,0,0");
      made.answer("chronyc -c -n sources", source("*"));
      const evidence = await ntpEvidence(made.channel, once);
      assert.deepEqual(
        [evidence.unitState, evidence.sources, evidence.activity],
        ["active", source("*").trimEnd(), ""],
      );
      assert.match(evidence.tracking, /^7F7F0101/);
    });

    it("tells what serving needs: access checks and listeners", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc ", "208 Access allowed\n");
      made.answer("chronyc -c activity", "1,0,0,0,0\n");
      made.answer(
        "ss -lntup",
        "Netid State Recv-Q Send-Q Local Address:Port\nudp UNCONN 0 0 0.0.0.0:123 0.0.0.0:*\n",
      );
      const evidence = await ntpEvidence(made.channel, {
        ...request,
        waitSeconds: 0,
        accessChecks: ["10.0.0.5"],
        only: "serving",
      });
      assert.deepEqual(evidence.accessChecks, { "10.0.0.5": "208 Access allowed" });
      assert.deepEqual(evidence.listeners, [{ protocol: "udp", address: "0.0.0.0", port: 123 }]);
      assert.equal(evidence.activity, "");
    });

    it("pairs verdicts with addresses only where each has its own", async (t) => {
      const made = host(t);
      if (!made) return;
      const asked = { ...request, waitSeconds: 0, only: "serving" } as const;
      const checks = async (answers: string): Promise<Record<string, string>> => {
        made.answer("chronyc ", answers);
        return (await ntpEvidence(made.channel, { ...asked, accessChecks: ["10.0.0.5", "10.0.0.6"] }))
          .accessChecks;
      };
      assert.deepEqual(await checks("Some warning\n209 Access denied\n208 Access allowed\n"), {
        "10.0.0.5": "209 Access denied",
        "10.0.0.6": "208 Access allowed",
      });
      // Asked one by one, the stand-in gives each the first verdict.
      assert.deepEqual(await checks("501 Not authorised\n208 Access allowed\n"), {
        "10.0.0.5": "208 Access allowed",
        "10.0.0.6": "208 Access allowed",
      });
      assert.deepEqual(await checks("501 Not authorised\n"), {});
      assert.deepEqual(await checks(""), {});
    });

    it("finds a source whose IPv6 address is written otherwise than chronyc prints it", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc -c -n sources", "^,*,2001:db8::1,2,6,17,3,0.000001,0.000001,0.001\n");
      made.answer("chronyc -c -N sources", "^,*,2001:DB8::1,2,6,17,3,0.000001,0.000001,0.001\n");
      const asked = { ...request, acceptable: ["2001:DB8::1"], waitSeconds: 0 };
      assert.notEqual((await ntpEvidence(made.channel, asked)).selectedAfterMs, undefined);
    });

    it("brings back access checks, listeners, packet filters and the daemon's journal", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("chronyc ", "209 Access denied\n208 Access allowed\n");
      made.answer(
        "ss -lntup",
        'Netid State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\nudp UNCONN 0 0 0.0.0.0%eth0:123 0.0.0.0:* users:(("chronyd",pid=62,fd=7))\ntcp LISTEN 0 128 [::1]:22 [::]:*\n',
      );
      made.answer("nft -t list ruleset", "table inet filter {\n}\n");
      made.answer("systemctl is-active --quiet chrony", "");
      made.answer("systemctl show -p InvocationID chrony", "InvocationID=0123abcd\n");
      made.answer(
        "journalctl --quiet --no-pager --output=cat --lines=300 _SYSTEMD_INVOCATION_ID=0123abcd",
        "Selected source 10.0.0.1\nend\n",
      );
      const evidence = await ntpEvidence(made.channel, {
        ...request,
        waitSeconds: 0,
        accessChecks: ["10.0.0.5", "10.0.0.6"],
      });
      assert.deepEqual(evidence.accessChecks, {
        "10.0.0.5": "209 Access denied",
        "10.0.0.6": "208 Access allowed",
      });
      assert.deepEqual(evidence.listeners, [
        { protocol: "udp", address: "0.0.0.0", port: 123, process: "chronyd" },
        { protocol: "tcp", address: "::1", port: 22 },
      ]);
      assert.deepEqual(evidence.firewalls, [{ kind: "nftables", rules: "table inet filter {\n}" }]);
      assert.deepEqual(evidence.journal, ["Selected source 10.0.0.1", "end"]);
    });
  });
}

it("refuses a value that would break the script's input", async (t) => {
  const [shell] = scriptShells;
  if (!shell || !usesShell(t, shell.program)) return;
  const made = evidenceHost(shell);
  t.after(made.remove);
  for (const acceptable of ["a b", "a\nwait 1", "", "-x"]) {
    await assert.rejects(ntpEvidence(made.channel, { ...request, acceptable: [acceptable] }), {
      code: "unusable-value",
    });
  }
  assert.deepEqual(made.calls(), [""]);
});
