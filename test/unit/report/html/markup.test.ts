import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeControls } from "../../../../src/core/byte-text.ts";
import { html, joined, jsonForScript } from "../../../../src/report/html/markup.ts";

test("text is escaped, in elements and in attributes", () => {
  const evil = `</script><img src=x onerror="alert('1')">&amp;`;
  assert.equal(html`<p title="${evil}">${evil}</p>`.markup, `<p title="${ESCAPED}">${ESCAPED}</p>`);
});

const ESCAPED = "&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;";

test("markup stays markup; lists are put together; nothing is nothing", () => {
  const items = ["a<", "b"].map((text) => html`<li>${text}</li>`);
  assert.equal(html`<ul>${items}${undefined}${false}</ul>${3}`.markup, "<ul><li>a&lt;</li><li>b</li></ul>3");
  assert.equal(joined(["<", html`<b>x</b>`], ", ").markup, "&lt;, <b>x</b>");
});

test("what has no shape is shown as what it is", () => {
  assert.equal(html`${"\u202egpj\u001b[2J\u0000"}`.markup, "\\u202egpj\\x1b[2J\\x00");
});

test("any text, read back from the page as a browser reads it, is the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { markup } = html`${text}`;
      assert.doesNotMatch(markup, /[<>"']/);
      assert.equal(unescaped(markup), escapeControls(text));
    }),
  );
});

test("any data is itself in the script element, and nothing in it can end the element", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), hostile())), (value) => {
      const { markup } = jsonForScript(value);
      assert.doesNotMatch(markup, /[<>&\u2028\u2029]/);
      assert.deepEqual(
        JSON.parse(markup),
        value.map((one) => (typeof one === "string" ? escapeControls(one) : one)),
      );
    }),
  );
});

function hostile(): fc.Arbitrary<string> {
  return fc.constantFrom("</script>", "<!--<script>", "]]>", "<!--", "\u2028", "&lt;");
}

function unescaped(markup: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };
  return markup.replace(/&(#?\w+);/g, (_, name: string) => names[name] ?? "");
}
