type Row = [name: string, config: string, hosts: string[], included?: string];

/** Configurations with their hosts, each about one rule of ssh_config(5). `included` is the path of a second file. */
export function sshConfigTable(included: string): Row[] {
  return [
    [
      "the first value of a keyword wins",
      "User a\nHost web1\n User b\n Port 2\nHost *\n Port 3\n",
      ["web1", "x"],
    ],
    [
      "IdentityFile adds up, each file once",
      "IdentityFile /a\nHost *\nIdentityFile /b\nIdentityFile /a\n",
      ["x"],
    ],
    ["IdentityFile none leaves none of ssh's own", "IdentityFile none\n", ["x"]],
    [
      "a negated pattern takes a host out, wherever it stands",
      "Host * !web1\n User a\nHost !web1 web*\n Port 9\n",
      ["web1", "web2", "x"],
    ],
    [
      "host patterns are compared as they are written",
      "Host web1\n User a\nHost WEB1\n Port 7\n",
      ["web1", "WEB1"],
    ],
    ["names are reached in lower case, addresses as they are", "HostName %h\n", ["WEB1", "10.0.0.1"]],
    ["keywords in any case, with = or blanks", "hOsT=web1\n\tUSER = a\n port\t=\t7\n", ["web1"]],
    [
      "quoted words, blanks in them",
      'Host "web1" \'web2\'\nUser "a b"\nIdentityFile "/k/a b"\nUserKnownHostsFile "/x y" /z\n',
      ["web1", "web2"],
    ],
    [
      "a backslash before a quote, a backslash or a blank",
      'IdentityFile /a\\ b\nIdentityFile "/c\\"d"\nIdentityFile /e\\\\f\nIdentityFile /g\\h\n',
      ["x"],
    ],
    ["a comment after a value begins with a blank", "User a # b\nIdentityFile /k/id#1\n", ["x"]],
    ["a quote without its end is refused", 'User "a\n', ["x"]],
    ["two values where one belongs are refused", "User a b\n", ["x"]],
    ["a keyword without a value is refused", "User\n", ["x"]],
    ["an empty value is refused", 'User ""\n', ["x"]],
    ["bad values are refused in blocks for others, too", "Host nobody\n Port banana\n", ["x"]],
    [
      "Match host looks at HostName, originalhost at what was asked for",
      "HostName lan\nMatch host lan\n User a\nMatch originalhost lan\n Port 9\n",
      ["web1", "lan"],
    ],
    [
      "Match user looks at the user so far",
      "Match user a\n Port 1\nHost web1\n User a\nMatch user a\n Port 2\n",
      ["web1", "x"],
    ],
    [
      "Match localuser",
      "Match localuser nobody-here\n User a\nMatch !localuser nobody-here\n Port 7\n",
      ["x"],
    ],
    [
      "Match takes lists with negations",
      "Match host web*,!web2 !user root\n Port 7\nMatch host !web2\n User a\n",
      ["web1", "web2"],
    ],
    ["Match all ends a block", "Host web1\n User a\nMatch all\n Port 7\n", ["web1", "x"]],
    [
      "Match final is read at the end, with what is known then",
      "Match final host *.lan\n User a\nHostName %h.lan\n",
      ["web1"],
    ],
    [
      "Host looks at HostName in the final reading",
      "Match final\nHost *.lan\n User a\nHost WEB1\n HostName web1.lan\n",
      ["WEB1", "web1"],
    ],
    ["Match canonical without canonical names", "Match canonical\n User a\nUser b\n", ["x"]],
    ["Match !final", "Match !final\n User a\nUser b\n", ["x"]],
    ["Match all goes with nothing else", "Match host x all\n User a\n", ["x"]],
    ["a criterion that there is none", "Match weather rain\n User a\n", ["x"]],
    [
      "Include where it stands, in a block only for its hosts",
      `Host web1\n Include ${included}\nHost *\n User z\n`,
      ["web1", "x"],
      "User a\nHost x\n Port 3\nHost web1\n Port 4\n",
    ],
    [
      "blocks of an included file end with it",
      `Include ${included}\nUser z\n`,
      ["web1"],
      "Host nobody\n User a\n",
    ],
    ["Include of nothing", `Include ${included}-none ${included}-*\nUser a\n`, ["x"]],
    [
      "bad lines of an included file are refused",
      `Host nobody\nInclude ${included}\n`,
      ["x"],
      "Port banana\n",
    ],
    ["a file that includes itself is refused", `Include ${included}\n`, ["x"], `Include ${included}\n`],
    ["ProxyCommand keeps its line as it is", "ProxyCommand  sh -c 'nc \"%h\" %p' # all of it\n", ["x"]],
    ["ProxyJump before ProxyCommand", "ProxyJump b\nProxyCommand nc\n", ["x"]],
    ["ProxyCommand before ProxyJump", "ProxyCommand nc\nProxyJump b\n", ["x"]],
    ["ProxyCommand none before ProxyJump", "ProxyCommand none\nProxyJump b\n", ["x"]],
    ["ProxyJump none before ProxyJump", "Host web1\nProxyJump none\nHost *\nProxyJump b\n", ["web1", "x"]],
    [
      "a list of jump hosts, with users, ports and addresses",
      "ProxyJump a@b:1,ssh://c@d:2,[2001:db8::1]:3\n",
      ["x"],
    ],
    ["what is no jump host is refused", "ProxyJump a:b\n", ["x"]],
    [
      "every token",
      "UserKnownHostsFile /%%/%d/%h/%n/%p/%r/%u/%i/%k/%L/%l/%C\nHostName h%h\nPort 7\nUser me\nHostKeyAlias AL\n",
      ["web1"],
    ],
    ["a token that there is none", "UserKnownHostsFile /%z\n", ["x"]],
    ["environment variables", "UserKnownHostsFile $" + "{HOME}/kh\n", ["x"]],
    ["an environment variable that is not set", "UserKnownHostsFile $" + "{LFCE_NOT_SET}/kh\n", ["x"]],
    [
      "known_hosts files: several, none, the home directory",
      "Host a\nUserKnownHostsFile ~/a /b\nGlobalKnownHostsFile /c\nHost b\nUserKnownHostsFile none\nGlobalKnownHostsFile none\n",
      ["a", "b", "c"],
    ],
    [
      "times with units; none is not set",
      "ConnectTimeout none\nConnectTimeout 1m5s\nServerAliveInterval 1m\n",
      ["x"],
    ],
    [
      "older spellings of keywords",
      "PubkeyAcceptedKeyTypes +ssh-rsa\nChallengeResponseAuthentication no\nProtocol 2\n",
      ["x"],
    ],
    ["Windows' line ends", "Host web1\r\n User a\r\n", ["web1"]],
    ["a file without a last line end", "Host web1\n User a", ["web1"]],
    ["a keyword that ssh does not know, ignored", "IgnoreUnknown Use*\nUseKeychain yes\nUser a\n", ["x"]],
  ];
}
