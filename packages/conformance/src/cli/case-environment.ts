const RANGE = "RINGLINE_CONFORMANCE_RANGE";

/** The numbers of the cases that a process runs: `from`, and each one after it that is less than `end`. */
export interface CaseRange {
  readonly from: number;
  readonly end: number;
}

/** The environment that makes the command a process of these cases. */
export const caseEnvironment = ({ from, end }: CaseRange): NodeJS.ProcessEnv => ({
  ...process.env,
  [RANGE]: `${from} ${end}`,
});

/** Whether this process was started by the command to run cases. */
export const isCaseProcess = (): boolean => process.connected && process.env[RANGE] !== undefined;

/** The cases of this process. What a backend starts is no process of cases: the variable is gone afterwards. */
export function takeCaseRange(): CaseRange {
  const [from, end] = (process.env[RANGE] ?? "").split(" ").map(Number) as [number, number];
  delete process.env[RANGE];
  return { from, end };
}
