/**
 * Keywords of ssh_config(5), in lower case, by what lfce makes of them: OpenSSH 10's list and the older spellings
 * that it still takes. The inventory's ssh arguments and ssh's own files share it.
 */

/** Older spellings of keywords that are obeyed. */
const ALIASES: Record<string, string> = {
  challengeresponseauthentication: "kbdinteractiveauthentication",
  skeyauthentication: "kbdinteractiveauthentication",
  tisauthentication: "kbdinteractiveauthentication",
  dsaauthentication: "pubkeyauthentication",
  identityfile2: "identityfile",
  pubkeyacceptedkeytypes: "pubkeyacceptedalgorithms",
};

/** The keyword's name of today, in lower case. */
export function sshKeyword(word: string): string {
  const keyword = word.toLowerCase();
  return Object.hasOwn(ALIASES, keyword) ? (ALIASES[keyword] ?? keyword) : keyword;
}

/** Keywords whose values lfce acts on. */
export const OBEYED_SSH_KEYWORDS: ReadonlySet<string> = new Set([
  "addressfamily",
  "batchmode",
  "bindaddress",
  "bindinterface",
  "canonicalizehostname",
  "certificatefile",
  "connecttimeout",
  "globalknownhostsfile",
  "hashknownhosts",
  "hostkeyalgorithms",
  "hostkeyalias",
  "hostname",
  "identitiesonly",
  "identityagent",
  "identityfile",
  "ignoreunknown",
  "kbdinteractiveauthentication",
  "knownhostscommand",
  "passwordauthentication",
  "port",
  "preferredauthentications",
  "proxycommand",
  "proxyjump",
  "proxyusefdpass",
  "pubkeyacceptedalgorithms",
  "pubkeyauthentication",
  "refuseconnection",
  "revokedhostkeys",
  "serveralivecountmax",
  "serveraliveinterval",
  "stricthostkeychecking",
  "user",
  "userknownhostsfile",
]);

/** Keywords that ssh knows and that change nothing for lfce, which opens one channel for its own scripts. */
const UNUSED = `
  addkeystoagent canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames
  casignaturealgorithms channeltimeout checkhostip cipher ciphers clearallforwardings compression compressionlevel
  connectionattempts controlmaster controlpath controlpersist dynamicforward enableescapecommandline
  enablesshkeysign escapechar exitonforwardfailure fallbacktorsh fingerprinthash forkafterauthentication
  forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports globalknownhostsfile2
  gssapiauthentication gssapiclientidentity gssapidelegatecredentials gssapikeyexchange gssapikexalgorithms
  gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hostbasedacceptedalgorithms hostbasedauthentication
  hostbasedkeytypes ipqos kbdinteractivedevices keepalive kexalgorithms localcommand localforward loglevel
  logverbose macs nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming permitlocalcommand permitremoteopen
  pkcs11provider protocol rekeylimit remotecommand remoteforward requesttty requiredrsasize
  rhostsauthentication rhostsrsaauthentication rsaauthentication securitykeyprovider sendenv sessiontype setenv
  smartcarddevice stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tag tcpkeepalive tunnel
  tunneldevice updatehostkeys useprivilegedport userknownhostsfile2 useroaming usersh verifyhostkeydns
  versionaddendum visualhostkey warnweakcrypto xauthlocation`;

/** Keywords that ssh knows and that change nothing for lfce. */
export const UNUSED_SSH_KEYWORDS: ReadonlySet<string> = new Set(UNUSED.trim().split(/\s+/));
