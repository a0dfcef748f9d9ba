/** See help.ts. */
export const REPORT_HELP = `
Examples:
  $ lfce report                                       the last 30 nights, to lfce-report.html
  $ lfce report playbooks/lab.yml --nights 60 --out /srv/www/drift.html
  $ lfce report --out - | ssh web1 'cat > drift.html'

The page is one file, needs no network and works without scripts. It shows what lfce drift recorded (lfce history).`;
