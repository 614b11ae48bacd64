const NAME = /^[\w-]{1,128}$/;

/** True for a valid name of a member: one token of a subject, without blanks, dots and wildcards. */
export const isName = (value: unknown): value is string => typeof value === "string" && NAME.test(value);

/**
 * Limits of a status: labels of a host, characters of a label, runtimes that use the host. A status beyond them is
 * rejected.
 */
export const MOST_LABELS = 256;
export const LONGEST_LABEL = 256;
export const MOST_RUNTIMES = 4096;
/** Maximum number of kernels that a status can state for one runtime. */
const MOST_KERNELS = 1_000_000;

/** Status of a host, sent to all runtimes. */
export interface HostStatus {
  readonly host: string;
  /** Version of the frames that the host understands. */
  readonly version: number;
  readonly labels: readonly string[];
  /** Number of its kernels, by runtime. */
  readonly runtimes: ReadonlyMap<string, number>;
  /** True if the host takes no more kernels. */
  readonly isLeaving: boolean;
  /** True if the host has ended. */
  readonly isGone: boolean;
}

export function hostStatusToJson({ runtimes, ...news }: HostStatus): object {
  return { ...news, runtimes: Object.fromEntries(runtimes) };
}

/** Parses a status; undefined if it is invalid. */
export function hostStatusOf(news: unknown): HostStatus | undefined {
  if (typeof news !== "object" || news === null) return undefined;
  const { host, version, labels, runtimes, isLeaving, isGone } = news as Readonly<Record<string, unknown>>;
  const loads = loadsOf(runtimes);
  const isRight =
    isName(host) &&
    isCount(version, 255) &&
    isLabels(labels) &&
    loads !== undefined &&
    typeof isLeaving === "boolean" &&
    typeof isGone === "boolean";
  return isRight ? { host, version, labels, runtimes: loads, isLeaving, isGone } : undefined;
}

export function isLabels(labels: unknown): labels is readonly string[] {
  const isLabel = (label: unknown) => typeof label === "string" && label !== "" && label.length <= LONGEST_LABEL;
  return Array.isArray(labels) && labels.length <= MOST_LABELS && labels.every(isLabel);
}

function loadsOf(runtimes: unknown): ReadonlyMap<string, number> | undefined {
  if (typeof runtimes !== "object" || runtimes === null || Array.isArray(runtimes)) return undefined;
  const loads = Object.entries(runtimes);
  const isLoad = ([name, kernels]: [string, unknown]) => isName(name) && isCount(kernels, MOST_KERNELS);
  return loads.length <= MOST_RUNTIMES && loads.every(isLoad) ? new Map(loads) : undefined;
}

const isCount = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
