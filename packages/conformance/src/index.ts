export { type Case, type Law, laws } from "./case.js";
export { type Probe, processProbe } from "./probe.js";
export { type CaseOptions, longest, type Outcome, runCase } from "./run-case.js";
export { type CaseResult, runSuite, type Selection, type SuiteOptions, selectCases } from "./run-suite.js";
export type { Subject } from "./subject.js";
export { allCases } from "./suite.js";
export { Trial, type TrialRuntime } from "./trial.js";
