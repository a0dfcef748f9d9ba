/**
 * Hides passwords that stand in configuration lines (database outputs of rsyslog and the like), so that a
 * diff can show the line without showing the secret. Line structure is kept.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(SECRET_PARAMETER, (_match, name: string, quote: string) => `${name}${quote}[redacted]${quote}`)
    .replace(LEGACY_SECRET_DIRECTIVE, "$1[redacted]")
    .replace(LEGACY_DATABASE_TARGET, "$1[redacted]");
}

// None of these may look at a text again and again: a host may send a megabyte of almost-secrets.

/** `pwd="…"`, `password = '…'`, `tls.mypassphrase="…"`: any object parameter whose name ends like a secret's. */
const SECRET_PARAMETER =
  /((?:pwd|passwd|password|passphrase|secret|token|apikey)\s*=\s*)(["'])(?:\\.|(?!\2)[^\\\n])*\2/gi;

/** `$ActionOmmysqlPassword x` and relatives. */
const LEGACY_SECRET_DIRECTIVE =
  /^([ +-]?[ \t]*\$\w{0,99}?(?:pwd|passwd|password|passphrase|secret)\w{0,99}[ \t]+)\S.*$/gim;

/** `:ommysql:host,database,user,password` (rsyslog's legacy database targets). */
const LEGACY_DATABASE_TARGET = /(:om(?:mysql|pgsql):[^,\n]{0,255},[^,\n]{0,255},[^,\n]{0,255},)[^;\s]+/gi;
