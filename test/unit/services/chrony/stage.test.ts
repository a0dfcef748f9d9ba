import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import { el } from "../../../../src/distros/el.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { stagingDirectory } from "../../../../src/services/chrony/stage.ts";
import { desiredOf } from "./desired-of.ts";
import { observe } from "./virtual-host.ts";

const client = desiredOf({ client: { servers: ["10.0.0.1"] } });
const STAGE = "/etc/chrony/.lfce-stage";

function staged(files: Record<string, string>) {
  return planChrony(client, observe({ files, distro: debian }), debian).staged;
}

describe("chrony stage", () => {
  it("stays where AppArmor lets chronyd read, and out of every include", () => {
    assert.equal(stagingDirectory(debian.services.chrony.mainFile), STAGE);
    assert.equal(stagingDirectory(el.services.chrony.mainFile), "/etc/.lfce-stage-chrony");
  });

  it("holds every loaded file with its paths pointing into it", () => {
    const tree = staged({
      "/etc/chrony/chrony.conf":
        "confdir /etc/chrony/conf.d /etc/chrony/none\ninclude /etc/site/a.conf\nrtcsync\n",
      "/etc/chrony/conf.d/x.conf": "Include\t/etc/site/*.inc\r\nserver b.example\r\n",
      "/etc/site/a.conf": "makestep 1 3\n",
      "/etc/site/b.inc": "minsources 1\n",
      "/etc/site/c.other": "not loaded\n",
    });
    assert.equal(tree?.main, "/etc/chrony/chrony.conf");
    assert.equal(tree?.directory, STAGE);
    assert.equal(tree?.stagedMain, "etc/chrony/chrony.conf");
    assert.deepEqual(tree?.files, {
      "etc/chrony/chrony.conf": [
        `confdir ${STAGE}/etc/chrony/conf.d /etc/chrony/none`,
        `include ${STAGE}/etc/site/a.conf`,
        "rtcsync",
        "# lfce: begin ntp_client, playbook lab",
        "server 10.0.0.1 iburst",
        "# lfce: end ntp_client",
        "",
      ].join("\n"),
      "etc/chrony/conf.d/x.conf": `include ${STAGE}/etc/site/*.inc\r\n#lfce# server b.example\r\n`,
      "etc/site/a.conf": "makestep 1 3\n",
      "etc/site/b.inc": "minsources 1\n",
    });
  });

  it("follows patterns in the directory part as well", () => {
    const tree = staged({
      "/etc/chrony/chrony.conf": "include /etc/*/site.conf\n",
      "/etc/a/site.conf": "server b.example\n",
    });
    assert.match(
      tree?.files["etc/chrony/chrony.conf"] ?? "",
      /^include \/etc\/chrony\/\.lfce-stage\/etc\/\*\/site/,
    );
    assert.equal(tree?.files["etc/a/site.conf"], "#lfce# server b.example\n");
  });

  it("leaves live what matches nothing, so that it fails or passes as it does on the host", () => {
    const tree = staged({ "/etc/chrony/chrony.conf": "include /etc/none/*.conf\nsourcedir /etc/none\n" });
    const main = tree?.files["etc/chrony/chrony.conf"] ?? "";
    assert.ok(main.startsWith("include /etc/none/*.conf\n#lfce# sourcedir /etc/none\n"), main);
  });

  it("is not there when no file changes", () => {
    assert.equal(staged({ "/etc/chrony/chrony.conf": "server 10.0.0.1\n" }), undefined);
  });
});
