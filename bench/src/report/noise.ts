import type { Summary } from "../stats/summary.js";
import type { WorkloadReport } from "./report.js";

/** Cores that others may keep busy, as a share of all, while threads are measured. */
const OTHERS = 0.25;
/** Maximum distance of the bounds of a ratio's 95 % interval from its median, as a share of the median. */
const WIDTH = 0.25;
/** As figures are printed: 1.00. */
const EXACT = 0.005;
const CONTROL = "control: ";
/** Fewer ratios lie on one side of 1 by chance too often: three of them once in four times. */
const LEAST = 5;

interface Machine {
  /** Cores that others kept busy. */
  readonly others: number;
  readonly cores: number;
  /** Whether the figures leave out the time that others took. */
  readonly isAlone: boolean;
  readonly drifts: boolean;
}

/** Returns the reasons not to trust a figure, from the state of the machine. */
export function noiseOfMachine({ others, cores, isAlone, drifts }: Machine): string[] {
  const reasons = [];
  if (!isAlone && others > OTHERS * cores) reasons.push(`others used ${others.toFixed(1)} of ${cores} cores`);
  if (drifts) reasons.push("never steady");
  return reasons;
}

/** The same, from how far the figures lie apart. */
export function noiseOfRatio(ratio: Summary | null): string[] {
  if (ratio === null) return [];
  const { median, interval } = ratio;
  const reach = Math.max(interval.high - median, median - interval.low) / median;
  return reach > WIDTH ? [`interval reaches ${(reach * 100).toFixed(0)} %`] : [];
}

/** Reasons that are found anew where passes are put together. */
export const isOfRatio = (reason: string) => reason.startsWith("interval") || reason.startsWith(CONTROL);

/** The reference beside itself is the control of its workload: where that is not 1, no row of it is to be trusted. */
export function withControl(workload: WorkloadReport): WorkloadReport {
  const itself = workload.subjects.find(({ name }) => name === workload.reference)?.ratio;
  if (itself === null || itself === undefined || itself.samples.length < LEAST) return workload;
  const { low, high } = itself.interval;
  if (low <= 1 + EXACT && high >= 1 - EXACT) return workload;
  const reason = `${CONTROL}${workload.reference} beside itself ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return {
    ...workload,
    subjects: workload.subjects.map((subject) =>
      subject.ratio === null ? subject : { ...subject, noise: [...subject.noise, reason] },
    ),
  };
}
