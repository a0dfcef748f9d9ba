import ipaddr from "ipaddr.js";

/**
 * One spelling for an address or a host name, to compare by: IPv6 in its shortest form, names in lower case
 * and without a final dot. `10.1` and its kind are names here, as they are for chronyd.
 */
export function canonicalAddress(written: string): string {
  const text = written.toLowerCase().replace(/\.$/, "");
  return text.includes(":") && ipaddr.isValid(text) ? ipaddr.parse(text).toString() : text;
}
