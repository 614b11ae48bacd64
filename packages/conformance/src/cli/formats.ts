import { laws } from "../case.js";
import { fullName, slowText } from "./report.js";
import { type CaseOutcome, countsOf, isOverdue, isSlow, type RunOutcome } from "./tally.js";

/** TAP 14, one test for each case on each backend. An expected failure is a TODO. */
export function tap({ tallies, stale }: RunOutcome): string {
  const lines: string[] = [];
  let number = 0;
  for (const { subject, outcomes } of tallies) {
    for (const one of outcomes) {
      const name = `${++number} - ${tapText(`${subject}: ${fullName(one.case)}`)}`;
      if (one.outcome === "passed") lines.push(`ok ${name}`, ...diagnosis(one));
      else if (one.outcome === "skipped") lines.push(`ok ${name} # SKIP ${tapText(one.reason)}`);
      else lines.push(`not ok ${name}${one.isExpected ? " # TODO expected to fail" : ""}`, ...diagnosis(one));
    }
  }
  for (const line of stale) lines.push(`not ok ${++number} - stale: ${tapText(line)}`);
  return ["TAP version 14", `1..${number}`, ...lines].join("\n");
}

const tapText = (text: string): string => text.replace(/[\\#]/g, "\\$&").replace(/\s+/g, " ");

/** A YAML block; JSON strings are YAML strings. */
function diagnosis(one: CaseOutcome): string[] {
  if (one.outcome !== "failed" && !isSlow(one)) return [];
  const { code, message, cause, stack, uncaught } = one.outcome === "failed" ? one.failure : one.first;
  const slow = isSlow(one) ? slowText(one) : undefined;
  const fields = { slow, code, message, cause, stack, uncaught, duration_ms: Math.round(one.time) };
  const lines = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`],
  );
  return ["---", ...lines, "..."].map((line) => `  ${line}`);
}

/**
 * JUnit XML, one suite for each law on each backend. A wrong result is a `failure`; a case that ran out of time or lost its
 * process is an `error`; an expected failure is `skipped`; what made a slow case be repeated is a `flakyError`, as Maven writes it.
 */
export function junit({ tallies, stale }: RunOutcome): string {
  const suites = tallies.flatMap(({ subject, byLaw, outcomes }) =>
    [...byLaw.keys()].map((law) => {
      const own = outcomes.filter((one) => one.case.law === law);
      return suite(`${subject}, law ${law}: ${laws[law]}`, own, (one) => testCase(`${subject}.law ${law}`, one));
    }),
  );
  const left = stale.map(
    (line) => `    <testcase ${attributes({ classname: "expected failures", name: line })}>
      <failure message="an expected failure that did not occur"/>
    </testcase>`,
  );
  const last =
    left.length === 0
      ? []
      : [
          `  <testsuite name="expected failures" tests="${left.length}" failures="${left.length}">\n${left.join("\n")}\n  </testsuite>`,
        ];
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, ...last, "</testsuites>"].join("\n");
}

function suite(name: string, outcomes: readonly CaseOutcome[], text: (one: CaseOutcome) => string): string {
  const { failed, skipped, expected } = countsOf(outcomes);
  const errors = outcomes.filter((one) => isError(one) && !one.isExpected).length;
  const seconds = outcomes.reduce((sum, { time }) => sum + time, 0) / 1000;
  const counts = { tests: outcomes.length, failures: failed - errors, errors, skipped: skipped + expected };
  const head = attributes({ name, ...counts, time: seconds.toFixed(3) });
  return `  <testsuite ${head}>\n${outcomes.map(text).join("\n")}\n  </testsuite>`;
}

const isError = (one: CaseOutcome): boolean =>
  isOverdue(one) || (one.outcome === "failed" && one.failure.code === "PROCESS_ENDED");

function testCase(classname: string, one: CaseOutcome): string {
  const head = attributes({ classname, name: one.case.name, time: (one.time / 1000).toFixed(3) });
  const inner = detail(one);
  return inner === "" ? `    <testcase ${head}/>` : `    <testcase ${head}>\n      ${inner}\n    </testcase>`;
}

function detail(one: CaseOutcome): string {
  if (isSlow(one)) {
    const { code, message, stack } = one.first;
    const head = attributes({ type: code, message });
    return `<flakyError ${head}><stackTrace>${xml(stack ?? message)}</stackTrace></flakyError>`;
  }
  if (one.outcome === "passed") return "";
  if (one.outcome === "skipped") return `<skipped ${attributes({ message: one.reason })}/>`;
  const { code, message, cause, stack, uncaught } = one.failure;
  if (one.isExpected) return `<skipped ${attributes({ message: `expected to fail: ${code} (${message})` })}/>`;
  const kind = isError(one) ? "error" : "failure";
  const before = cause === undefined ? [] : [`cause: ${cause}`];
  const after = uncaught === undefined ? [] : [`caught by nobody: ${uncaught}`];
  const text = [...before, stack ?? message, ...after].join("\n");
  return `<${kind} ${attributes({ type: code, message })}>${xml(text)}</${kind}>`;
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${xml(`${value}`)}"`)
    .join(" ");

/** Escaped, and without the characters that XML 1.0 cannot hold. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
