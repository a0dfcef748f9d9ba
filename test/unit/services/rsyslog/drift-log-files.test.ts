import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedFile, ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { el } from "../../../../src/distros/el.ts";
import type { DesiredStoreRule, SyslogSender } from "../../../../src/services/rsyslog/desired.ts";
import {
  type ClientFiles,
  clientLogFiles,
  silentFiles,
  silentFinding,
} from "../../../../src/services/rsyslog/drift-log-files.ts";
import { logModeFindings } from "../../../../src/services/rsyslog/drift-log-modes.ts";
import { appliedFiles, hostOf, server, toLog1 } from "./drift-scene.ts";
import { serverOf, storeRule } from "./server-host.ts";

const web1: SyslogSender = { host: "web1", addresses: ["10.0.0.2"] };
const noon = Date.UTC(2026, 10, 23, 12);

function patternsOf(rules: DesiredStoreRule[], now?: number, client = web1): string[] | undefined {
  return clientLogFiles(serverOf(rules), [client], now).get(client.host)?.patterns;
}

/** A log server with these files, by path: seconds since they were written. */
function serverWith(files: ReadonlyMap<string, ClientFiles>, written: Record<string, number>): ObservedHost {
  const observed = hostOf(appliedFiles(server));
  observed.lists = {};
  for (const { patterns } of files.values()) {
    for (const pattern of patterns) observed.lists[pattern] = pattern in written ? [pattern] : [];
  }
  for (const [path, age] of Object.entries(written)) {
    observed.files[path] = {
      path,
      kind: "file",
      mtime: observed.now - age,
      mode: "0640",
      owner: "root",
      group: "adm",
    };
  }
  return observed;
}

describe("the files of a log server's clients", () => {
  it("are named by the first rule about each client", () => {
    const named = storeRule({ web1: "10.0.0.2" }, "/var/log/remote/{host}.log");
    const others: DesiredStoreRule = {
      from: [{ kind: "any" }],
      file: "/var/log/other/{address}.log",
      stop: true,
    };
    assert.deepEqual(patternsOf([named, others]), ["/var/log/remote/web1.log"]);
    assert.deepEqual(patternsOf([others, named]), ["/var/log/other/10.0.0.2.log"]);
    const network: DesiredStoreRule = { ...others, from: [{ kind: "network", network: "10.0.0.0/24" }] };
    assert.deepEqual(patternsOf([network]), ["/var/log/other/10.0.0.2.log"]);
    const elsewhere: DesiredStoreRule = { ...others, from: [{ kind: "network", network: "192.0.2.0/24" }] };
    assert.equal(patternsOf([elsewhere]), undefined);
  });

  it("have the server's own date, and the dates that yesterday may have had there", () => {
    const rule = storeRule({ web1: "10.0.0.2" }, "/var/log/{host}/{date}.log");
    assert.deepEqual(patternsOf([rule], noon), [
      "/var/log/web1/%Y-%m-%d.log",
      "/var/log/web1/2026-11-22.log",
      "/var/log/web1/2026-11-23.log",
    ]);
    const monthly = storeRule({ web1: "10.0.0.2" }, "/var/log/{host}/{year}{month}.log");
    assert.deepEqual(patternsOf([monthly], noon), ["/var/log/web1/%Y%m.log", "/var/log/web1/202611.log"]);
  });

  it("are likely ones where the client says its name itself, and any program's where that is in the name", () => {
    const rule: DesiredStoreRule = {
      from: [{ kind: "any" }],
      file: "/var/log/{hostname}/{program}.log",
      stop: true,
    };
    const client = { host: "web1.example.net", addresses: ["10.0.0.2"] };
    const found = clientLogFiles(serverOf([rule]), [client]).get(client.host);
    assert.deepEqual(found?.patterns, ["/var/log/web1.example.net/*.log", "/var/log/web1/*.log"]);
    assert.equal(found?.certain, false);
  });
});

describe("log-not-growing", () => {
  const files = clientLogFiles(
    serverOf([storeRule({ web1: "10.0.0.2", web2: "10.0.0.3" }, "/var/log/remote/{host}.log")]),
    [web1, { host: "web2", addresses: ["10.0.0.3"] }],
  );
  const age = { now: 1_800_000_000, startedAt: 1_700_000_000 };

  it("keeps of all clients only those whose files were not written for a day", () => {
    const observed = serverWith(files, {
      "/var/log/remote/web1.log": 60,
      "/var/log/remote/web2.log": 90_000,
    });
    assert.deepEqual(
      [...silentFiles(files, observed)],
      [["web2", { file: "/var/log/remote/web2.log", written: observed.now - 90_000 }]],
    );
    const { lists: _, ...unasked } = observed;
    assert.equal(silentFiles(files, unasked).size, 0);
  });

  it("is satisfied by any of a client's files", () => {
    const dated = clientLogFiles(
      serverOf([storeRule({ web1: "10.0.0.2" }, "/l/{host}/{date}.log")]),
      [web1],
      noon,
    );
    const [today = "", ...before] = dated.get("web1")?.patterns ?? [];
    assert.equal(silentFiles(dated, serverWith(dated, { [today]: 10 })).size, 0);
    assert.equal(silentFiles(dated, serverWith(dated, { [before[0] as string]: 80_000 })).size, 0);
    assert.equal(silentFiles(dated, serverWith(dated, { [before[0] as string]: 90_000 })).size, 1);
  });

  it("names server and file, and when it was written last", () => {
    const silent = { file: "/var/log/remote/web1.log", written: 1_795_000_000 };
    assert.deepEqual(silentFinding(toLog1, silent, age), {
      code: "log-not-growing",
      item: "log1:/var/log/remote/web1.log",
      message: "log1 has written nothing from this host to /var/log/remote/web1.log for a day or longer",
      detail: "last written 2026-11-18T11:06:40.000Z",
    });
  });

  it("says nothing of forwards that take only some messages, and of files that are still to come", () => {
    const silent = { file: "/f", written: 1 };
    assert.equal(silentFinding({ ...toLog1, selector: ["mail.*"] }, silent, age), undefined);
    assert.ok(silentFinding({ ...toLog1, selector: ["*.info"] }, silent, age));
    const missing = { file: "/f" };
    assert.equal(silentFinding(toLog1, missing, { ...age, startedAt: age.now - 3600 }), undefined);
    assert.equal(silentFinding(toLog1, missing, age)?.detail, "/f is not there");
  });
});

describe("mode and owner of received log files", () => {
  const path = "/var/log/remote/web1.log";
  const findings = (declared: Partial<DesiredStoreRule>, seen: Partial<ObservedFile>, distro = debian) => {
    const rule = storeRule({ web1: "10.0.0.2" }, "/var/log/remote/{host}.log", declared);
    const files = clientLogFiles(serverOf([rule]), [web1]);
    const observed = serverWith(files, { [path]: 5 });
    observed.files[path] = { ...(observed.files[path] as ObservedFile), ...seen };
    return logModeFindings(files, observed, distro).map(({ code, detail }) => `${code}: ${detail}`);
  };

  it("are held to what is declared, and to nothing else", () => {
    assert.deepEqual(findings({}, { mode: "0666", owner: "nobody" }), []);
    assert.deepEqual(findings({ mode: "0640" }, {}), []);
    assert.deepEqual(findings({ mode: "0640" }, { mode: "0644" }), [`file-mode: chmod 0640 ${path}`]);
    assert.deepEqual(findings({ owner: "syslog" }, {}), [`file-owner: chown syslog ${path}`]);
    assert.deepEqual(findings({ group: "wheel" }, {}), [`file-owner: chgrp wheel ${path}`]);
  });

  it("may lack what EL's umask takes away", () => {
    assert.deepEqual(findings({ mode: "0644" }, { mode: "0600" }), [`file-mode: chmod 0644 ${path}`]);
    assert.deepEqual(findings({ mode: "0644" }, { mode: "0600" }, el), []);
    assert.deepEqual(findings({ mode: "0644" }, { mode: "0660" }, el), [`file-mode: chmod 0644 ${path}`]);
  });
});
