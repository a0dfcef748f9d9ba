import Type from "typebox";

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const integer = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));
const number = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Number({ minimum, maximum, description }));

const LARGEST_INT = 2_147_483_647;
const LARGEST_KEY = 4_294_967_295;

/**
 * The options of a `server`, `pool` or `peer` line, under their own names and with the ranges of
 * chrony.conf(5). `false` means: not this flag.
 */
export const sourceOptions = {
  minpoll: integer(
    -7,
    24,
    "Shortest interval between requests, as a power of 2 in seconds (chrony's default: 6).",
  ),
  maxpoll: integer(
    -7,
    24,
    "Longest interval between requests, as a power of 2 in seconds (chrony's default: 10).",
  ),
  iburst: flag("Start with a burst of requests. lfce writes it unless it is set to false."),
  burst: flag("Send a burst of up to 4 requests when a good measurement is missing."),
  key: integer(
    1,
    LARGEST_KEY,
    "Number of the symmetric key, in the host's key file, that authenticates this source.",
  ),
  nts: flag("Authenticate with Network Time Security (chrony 4.0)."),
  ntsport: integer(1, 65535, "TCP port of the NTS key establishment (chrony's default: 4460)."),
  certset: integer(
    0,
    LARGEST_KEY,
    "Number of the set of trusted certificates for this source's NTS (chrony 4.1).",
  ),
  maxdelay: number(
    0,
    1000,
    "Ignore measurements with a longer round trip, in seconds (chrony's default: 3).",
  ),
  maxdelayratio: number(0, LARGEST_INT, "Ignore measurements whose delay exceeds this ratio to the minimum."),
  maxdelaydevratio: number(
    0,
    LARGEST_INT,
    "Ignore measurements whose increase in delay exceeds this ratio to the deviation (chrony's default: 10).",
  ),
  maxdelayquant: number(
    0.05,
    0.95,
    "Largest acceptable delay, as a quantile of the round trip (chrony 4.3).",
  ),
  mindelay: number(0, 1000, "Fixed minimum of the round trip, in seconds."),
  asymmetry: number(-0.5, 0.5, "Asymmetry of the network jitter on the path."),
  offset: number(-1_000_000, 1_000_000, "Correction in seconds added to the measured offset."),
  minsamples: integer(0, LARGEST_INT, "Smallest number of samples kept for this source."),
  maxsamples: integer(0, LARGEST_INT, "Largest number of samples kept for this source."),
  filter: integer(1, LARGEST_INT, "Number of polls that a median filter makes one sample of (chrony 3.4)."),
  offline: flag("Do not poll until `chronyc online`."),
  auto_offline: flag("Take the source for offline when sending a request fails."),
  prefer: flag("Prefer this source over those without this option."),
  noselect: flag("Watch this source, but never synchronise to it."),
  trust: flag("Assume that this source's time is always true."),
  require: flag("Update the clock only while a source with this option is selectable."),
  xleave: flag("Use the interleaved mode, for more accurate transmit timestamps."),
  polltarget: integer(
    1,
    LARGEST_INT,
    "Number of measurements to aim for between minpoll and maxpoll (default: 8).",
  ),
  port: integer(1, 65535, "UDP port of the source (chrony's default: 123)."),
  presend: integer(
    -7,
    24,
    "Send an extra packet first when the poll interval is at least this power of 2 in seconds.",
  ),
  minstratum: integer(0, 16, "Treat the source as having at least this stratum."),
  version: integer(1, 4, "NTP version of the requests."),
  copy: flag("Take over the reference and stratum of a closely related server (chrony 4.1)."),
  extfield: Type.Optional(
    Type.Enum(["F323", "F324"], {
      description: "NTPv4 extension field to enable, as a hexadecimal type (chrony 4.2).",
    }),
  ),
  ipv4: flag("Use only IPv4 addresses of the name (chrony 4.6)."),
  ipv6: flag("Use only IPv6 addresses of the name (chrony 4.6)."),
  maxunreach: integer(
    0,
    LARGEST_INT,
    "Polls without an answer after which the source is no longer selected (chrony 4.8).",
  ),
};

/** The one option that only a `pool` has. */
export const poolOptions = {
  ...sourceOptions,
  maxsources: integer(1, 16, "How many servers of the pool to use (chrony's default: 4)."),
};
