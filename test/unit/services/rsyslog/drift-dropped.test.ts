import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { droppedFinding, statisticsFiles } from "../../../../src/services/rsyslog/drift-dropped.ts";
import { appliedFiles, client, hostOf, main } from "./drift-scene.ts";
import { silentEvidence } from "./silent-evidence.ts";

const said = (...recent: string[]) => droppedFinding({ ...silentEvidence, recent })?.detail;
const counted = (...lines: string[]) =>
  droppedFinding({ ...silentEvidence, tails: [{ path: "/var/log/stats", text: lines.join("\n") }] })?.detail;

describe("messages-dropped", () => {
  it("is found by what rsyslogd says of it", () => {
    for (const line of [
      "imuxsock[pid: 1909, name: logger] from <web1:flood>: begin to drop messages due to rate-limiting",
      "imuxsock lost 17 messages from pid 4711 due to rate-limiting",
      "imjournal: 17 messages lost due to rate-limiting (20000 allowed within 600 seconds)",
      "main Q: queue is full - discarding message",
    ]) {
      assert.equal(said("start", line), line);
    }
    const finding = droppedFinding({ ...silentEvidence, recent: ["imuxsock lost 1 messages"] });
    assert.deepEqual([finding?.code, finding?.item], ["messages-dropped", "rsyslogd"]);
  });

  it("is not found in what rsyslogd says when it starts, stops, or has lost its server", () => {
    const words = [
      '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="501"] start',
      "imuxsock: Acquired UNIX socket '/run/systemd/journal/syslog' (fd 3) from systemd.",
      "omfwd: remote server at 10.0.0.1:514 seems to have closed connection. This often happens when the remote peer shuts down",
      "action 'action-7-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0.",
      "action-7-builtin:omfwd queue[DA]: queue files exist on disk, re-starting with 5029 messages.",
    ];
    assert.equal(said(...words), undefined);
    assert.equal(droppedFinding(silentEvidence), undefined);
  });

  it("is found by counters that grow, in either format, and not by those that stay", () => {
    const legacy = (full: number) =>
      `Mon Nov 23 20:02:54 2026: main Q: origin=core.queue size=0 enqueued=33 full=0 discarded.full=${full} discarded.nf=0 maxqsize=10 `;
    assert.equal(counted(legacy(0), legacy(4)), "/var/log/stats: main Q: discarded.full went from 0 to 4");
    assert.equal(counted(legacy(4), legacy(4)), undefined);
    assert.equal(counted(legacy(9), legacy(0), legacy(0)), undefined, "rsyslogd was started anew");
    const json = (nf: number) =>
      `2026-11-23T20:02:54 web1 rsyslogd-pstats: {"name":"main Q","origin":"core.queue","size":0,"discarded.full":0,"discarded.nf":${nf}}`;
    assert.equal(counted(json(1), json(2)), "/var/log/stats: main Q: discarded.nf went from 1 to 2");
    const socket = (count: number) =>
      `Mon: imuxsock: origin=imuxsock submitted=3013 ratelimit.discarded=${count} ratelimit.numratelimiters=5 `;
    assert.equal(
      counted(socket(0), socket(7)),
      "/var/log/stats: imuxsock: ratelimit.discarded went from 0 to 7",
    );
    assert.equal(counted("Mon: other: origin=x enqueued=1", "Mon: other: origin=x enqueued=9"), undefined);
  });

  it("looks where impstats writes, and nowhere else", () => {
    const on = (text: string) =>
      statisticsFiles(
        hostOf(new Map([...appliedFiles(client), ["/etc/rsyslog.d/s.conf", text]])),
        main,
        "/var/log/syslog",
      );
    assert.equal(on("# nothing\n"), undefined);
    assert.equal(on("# impstats would be good\n"), undefined);
    assert.deepEqual(on('module(load="impstats" log.file="/var/log/stats")\n'), ["/var/log/stats"]);
    assert.deepEqual(on("$ModLoad impstats\n"), ["/var/log/syslog"]);
  });
});
