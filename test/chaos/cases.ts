/** What is done to a machine in the middle of a change. */
export const faults = [
  "controller-killed",
  "power-cut",
  "partition",
  "sshd-killed",
  "disk-full",
  "read-only",
  "daemon-refuses",
  "daemon-hangs",
  "second-lfce",
  "editor-saves-in-place",
  "editor-saves-by-rename",
] as const;
export type Fault = (typeof faults)[number];

/** The boundaries between the steps of apply.sh, in the order in which a client's change goes through them. */
export const steps = [
  "locked",
  "recovered",
  "prepared",
  "read",
  "compared",
  "boot-armed",
  "lease-armed",
  "directories-made",
  "staged-1",
  "staged-2",
  "units-noted",
  "validated",
  "recorded",
  "swapped-1",
  "swapped-2",
  "restart-chrony",
  "restart-rsyslog",
  "units-changed",
  "healthy",
  "restarts-recorded",
  "committed",
  "disarmed",
] as const;

/** When: at a step's boundary, or after a share (0 to 1) of the time that an undisturbed apply takes. */
export type Moment = { step: string } | { share: number };

export interface Case {
  index: number;
  fault: Fault;
  moment: Moment;
}

/** Of four cases three are boundaries, until all have had their turn; the others are random instants. */
const INSTANT_EVERY = 4;

/** The case of this index: the same for the same seed, whatever else is run. */
export function caseOf(seed: number, index: number): Case {
  const boundaries = shuffled(
    steps.flatMap((step) => faults.map((fault): Omit<Case, "index"> => ({ fault, moment: { step } }))),
    randomOf(seed),
  );
  const isInstant = index % INSTANT_EVERY === INSTANT_EVERY - 1;
  const turn = index - Math.floor(index / INSTANT_EVERY);
  const boundary = isInstant ? undefined : boundaries[turn];
  if (boundary) return { index, ...boundary };
  const random = randomOf(seed ^ ((index + 1) * 0x9e3779b1));
  const fault = faults[Math.floor(random() * faults.length)] as Fault;
  return { index, fault, moment: { share: Math.round(random() * 1000) / 1000 } };
}

/** For people and records: `power-cut at swapped-1`. */
export function caseText({ fault, moment }: Case): string {
  return `${fault} ${"step" in moment ? `at ${moment.step}` : `after ${Math.round(moment.share * 100)} % of an apply`}`;
}

function shuffled<Item>(items: Item[], random: () => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}

/** Numbers from 0 to 1 that follow from a seed alone (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
