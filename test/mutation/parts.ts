/** One run of the mutation testing: which sources are changed, and which tests are to notice. */
export interface Part {
  /** Stryker's globs of the files to mutate, from the project's root; `!` takes out again. */
  mutate: readonly string[];
  /**
   * Directories and files, from the project's root, whose tests run; `!` takes out again. Those that start
   * programs are left out.
   */
  tests: readonly string[];
}

/** Parts of the names of tests that do not run: they measure time, of which instrumented code takes more. */
export const TIMED_TESTS = ["60 KB", "in a moment"];

/** Without generated-properties, here and for chrony: it costs much and says what properties says already. */
const serverTests = [
  "test/unit/services/rsyslog",
  "test/unit/services/unit-changes.test.ts",
  "!test/unit/services/rsyslog/generated-properties.test.ts",
];
/** Without those that put thousands of messages and addresses through the rules of a log server. */
const rsyslogTests = [
  ...serverTests,
  "!test/unit/services/rsyslog/server-network.test.ts",
  "!test/unit/services/rsyslog/server-order.test.ts",
];

/**
 * Reading, comparing and editing of configuration files. Left out: schemas (data for ajv and for people),
 * advice of `validate`, and what asks and judges the running daemons (probes, diagnosis, chronyc, drift).
 */
export const parts: Readonly<Record<string, Part>> = {
  chrony: {
    mutate: [
      "src/services/chrony/**/*.ts",
      "!src/services/chrony/{schema,source-options,owned-directives,advice,chronyc,drift}.ts",
      "!src/services/chrony/{diagnosis,probes}*.ts",
    ],
    tests: [
      "test/unit/services/chrony",
      "test/cases/chrony.test.ts",
      "!test/unit/services/chrony/generated-properties.test.ts",
    ],
  },
  "rsyslog-syntax": {
    mutate: ["src/services/rsyslog/syntax/**/*.ts", "src/services/rsyslog/{selector,facilities}.ts"],
    tests: rsyslogTests,
  },
  "rsyslog-in-force": {
    mutate: ["src/services/rsyslog/in-force/**/*.ts"],
    tests: rsyslogTests,
  },
  "rsyslog-client": {
    mutate: ["src/services/rsyslog/client/**/*.ts"],
    tests: rsyslogTests,
  },
  "rsyslog-server": {
    mutate: ["src/services/rsyslog/server/**/*.ts", "!src/services/rsyslog/server/listener-messages.ts"],
    tests: serverTests,
  },
  "rsyslog-plan": {
    mutate: [
      "src/services/rsyslog/*.ts",
      "!src/services/rsyslog/{schema,drift,desired,selector,facilities}.ts",
      "src/services/*.ts",
      "!src/services/firewall*.ts",
    ],
    tests: rsyslogTests,
  },
};
