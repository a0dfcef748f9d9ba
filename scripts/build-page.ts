import { join } from "node:path";
import { build } from "esbuild";
import type { PageAssets } from "../src/report/html/page.ts";

const source = join(import.meta.dirname, "../src/report/html/browser");

/** The style and the script of the report page, each in one piece, small, as they stand in the page. */
export async function buildPage(): Promise<PageAssets> {
  const { outputFiles } = await build({
    entryPoints: [join(source, "main.ts"), join(source, "page.css")],
    outdir: "page",
    write: false,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "iife",
    // What browsers of the last years know; the page is read where people are, not where lfce runs.
    target: ["chrome110", "firefox115", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
    charset: "utf8",
  });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? "";
  return { style: text(".css"), script: text(".js") };
}
