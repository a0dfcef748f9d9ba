# shellcheck shell=sh
# Shared, after frames.sh: what the host's network looks like from inside. Raw text; network-frames.ts reads it.

# listeners: one block with every listening TCP and UDP socket (`ss`, else the kernel's own tables).
listeners() {
  if command -v ss >/dev/null 2>&1; then
    block ss-listeners "$(ss -lntup 2>/dev/null | head -n 2000)"
    return
  fi
  for listeners_table in tcp tcp6 udp udp6; do
    [ -r "/proc/net/$listeners_table" ] || continue
    block "proc-$listeners_table" "$(head -n 5000 "/proc/net/$listeners_table")"
  done
}

# firewalls: one block for each packet filter that is in use, bounded. Only reads.
firewalls() {
  if command -v firewall-cmd >/dev/null 2>&1 && systemctl is-active --quiet firewalld 2>/dev/null; then
    block firewalld "$(
      printf 'default-zone: %s\n' "$(firewall-cmd --get-default-zone 2>/dev/null)"
      printf 'default-interface: %s\n' "$(ip -4 route show default 2>/dev/null | sed -n '1s/.* dev \([^ ]*\).*/\1/p')"
      firewall-cmd --list-all-zones 2>/dev/null | head -c 100000
    )"
  fi
  if command -v ufw >/dev/null 2>&1 && grep -q '^ENABLED=yes' /etc/ufw/ufw.conf 2>/dev/null; then
    block ufw "$(ufw status verbose 2>/dev/null | head -c 100000)"
  fi
  firewalls_nft=
  if command -v nft >/dev/null 2>&1; then
    firewalls_nft=$({ nft -t list ruleset 2>/dev/null || nft list ruleset 2>/dev/null; } | head -c 200000)
    [ -z "$firewalls_nft" ] || block nftables "$firewalls_nft"
  fi
  # iptables-save may load kernel modules: only where there is something for it to show.
  if command -v iptables-save >/dev/null 2>&1; then
    if grep -q '^filter' /proc/net/ip_tables_names 2>/dev/null; then
      block iptables "$(iptables-save -t filter 2>/dev/null | head -c 200000)"
    else
      case $firewalls_nft in
        *'table ip filter '*) block iptables "$(iptables-save -t filter 2>/dev/null | head -c 200000)" ;;
      esac
    fi
  fi
}

# resolved NAME: one field with the name and every address that this host finds for it (some of them more than once);
# those in $resolved_addresses as well.
resolved() {
  resolved_addresses=
  while read -r resolved_address _; do
    [ -z "$resolved_address" ] || resolved_addresses="$resolved_addresses$resolved_address "
  done <<ADDRESSES
$(timeout 10 getent ahosts "$1" 2>/dev/null)
ADDRESSES
  field name "$1 $resolved_addresses"
}
