/** `--help` teaches by example: what a person types, then what it does. */
export const MAIN_HELP = `
Examples:
  $ lfce validate playbooks/lab.yml          is the playbook right?
  $ lfce plan playbooks/lab.yml              what would change, as diffs
  $ lfce apply playbooks/lab.yml             change it and prove it
  $ lfce drift playbooks/lab.yml             what is no longer as declared?
  $ lfce history                             since when, how often, and what has gone again
  $ lfce rollback playbooks/lab.yml          put back what was there before

Exit codes: 0 as declared and proven · 1 an error of lfce · 2 changes pending or drift
  3 a host or a proof failed · 64 bad usage, playbook or inventory · 130 interrupted`;

export const APPLY_HELP = `
Examples:
  $ lfce apply playbooks/lab.yml
  $ lfce apply playbooks/lab.yml --ask                   look at the plan, then say yes
  $ lfce apply playbooks/lab.yml -l 'clients:!db1'       some of the hosts
  $ lfce apply playbooks/lab.yml -K                      sudo asks for a password: type it once
  $ lfce apply playbooks/lab.yml -o json | jq .event     for programs

Each host is changed in one transaction: what fails its health check or its proof is put back.`;

export const PLAN_HELP = `
Examples:
  $ lfce plan playbooks/lab.yml              exit code 2: changes are pending
  $ lfce plan playbooks/lab.yml -l web1 -v   one host, also if it is as declared`;

export const DRIFT_HELP = `
Examples:
  $ lfce drift playbooks/lab.yml             exit code 2: something has drifted
  $ lfce drift playbooks/lab.yml -o json     for programs; -o junit and -o markdown as well
  $ lfce drift playbooks/lab.yml --probe     prove it, too: a source selected, a message that arrives
  $ lfce drift playbooks/lab.yml --fix       apply what drifted; what no apply mends stays drift
  $ lfce drift playbooks/lab.yml --notify mail:ops@example.org         tell somebody of a change
  $ lfce drift playbooks/lab.yml --notify slack:env:HOOK_URL --notify-on drift
  $ lfce drift playbooks/lab.yml --prometheus /var/lib/node_exporter/lfce.prom`;

export const SCHEDULE_HELP = `
Examples:
  $ lfce schedule install playbooks/lab.yml --at 02:30 --notify mail:ops@example.org
  $ lfce schedule install playbooks/lab.yml --at 02:30 --notify slack:file:/etc/lfce/hook --print
  $ lfce schedule install playbooks/lab.yml --at 02:30 --cron          for machines without systemd
  $ lfce schedule status
  $ lfce schedule remove playbooks/lab.yml`;

export const VERIFY_HELP = `
Examples:
  $ lfce verify playbooks/lab.yml            a source selected? does a message arrive?`;

export const TRUST_HELP = `
Examples:
  $ lfce trust playbooks/lab.yml                 shows the keys of all hosts, asks once, writes ~/.ssh/known_hosts
  $ lfce trust playbooks/lab.yml -l web1         some of the hosts, and the jump hosts before them
  $ lfce trust playbooks/lab.yml --fingerprints expected.txt    asks nobody: for scripts

Compare the fingerprints on each host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
Nobody logs in, but to jump hosts. A key that contradicts known_hosts is shown and never overwritten.`;

export const ROLLBACK_HELP = `
Examples:
  $ lfce rollback playbooks/lab.yml --dry-run            what would be put back, as diffs
  $ lfce rollback playbooks/lab.yml                      undo the last change of each host
  $ lfce rollback playbooks/lab.yml -l web1 --to 3       undo the last three changes of one host

A file that was changed since lfce wrote it is refused. Packages stay installed. What was undone comes back by apply.`;

export const VALIDATE_HELP = `
Examples:
  $ lfce validate playbooks/lab.yml          errors with file, line and column; advice; no host is contacted`;

export const INVENTORY_HELP = `
Examples:
  $ lfce inventory -i inventories/lab.yml --graph           groups as a tree
  $ lfce inventory -i inventories/lab.yml 'clients:&web*'   which hosts does a pattern mean?
  $ lfce inventory -i inventories/lab.yml web1 -o json      for programs`;
