/** See help.ts. */
export const HISTORY_HELP = `
Examples:
  $ lfce history                                   the last nights: who drifted, since when, how often
  $ lfce history web1                              one host, and what has gone again; 'web*' works, too
  $ lfce history --since 7d --code unit-stale      what was found since then, of one kind
  $ lfce history --playbook playbooks/lab.yml      where runs of several playbooks are recorded
  $ lfce history -o json | jq '.hosts[] | select(.items[].flapping) | .host'

Each run of lfce drift is a file of its own: its events, as -o json prints them, in STATE-DIR/history.`;
