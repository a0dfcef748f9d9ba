import { declareFactoryPlugin, declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { inProcessRunner } from "./in-process-runner.ts";
import { messageTexts } from "./message-texts.ts";
import { survivorReport } from "./survivor-report.ts";

export const RUNNER = "lfce-in-process";
export const MESSAGE_TEXTS = "lfce-message-texts";
export const SURVIVORS = "lfce-survivors";

/** What Stryker loads from this file, by its contract. */
export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, RUNNER, inProcessRunner),
  declareValuePlugin(PluginKind.Ignore, MESSAGE_TEXTS, messageTexts),
  declareFactoryPlugin(PluginKind.Reporter, SURVIVORS, survivorReport),
];

export const strykerValidationSchema = {
  properties: {
    lfceTestFiles: {
      description: "Test files to run, from the project's root.",
      type: "array",
      items: { type: "string" },
    },
    lfceLeftOut: {
      description: "Tests with one of these texts in their names do not run.",
      type: "array",
      items: { type: "string" },
    },
    lfceSample: {
      description: "Of so many mutants one is tried.",
      type: "number",
    },
    lfceReport: {
      description: "File to which mutants are appended that no test noticed.",
      type: "string",
    },
  },
};
