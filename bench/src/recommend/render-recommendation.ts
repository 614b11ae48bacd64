import { formatNumber, formatTable } from "../report/format.js";
import type { Recommendation } from "./recommend.js";
import { nameOf, type Tried } from "./trial.js";

export function renderRecommendation({ found, refused }: Tried, advice: Recommendation | undefined): string {
  const header = ["", "messages a second", "CPU a message", "p50", "p99", "outputs a message"];
  const rows = [...found]
    .sort((a, b) => b.perSecond - a.perSecond)
    .map(({ way, perSecond, cpu, p50, p99, outputs }) => [
      nameOf(way),
      formatNumber(perSecond),
      `${formatNumber(cpu)} µs`,
      `${formatNumber(p50)} ms`,
      `${formatNumber(p99)} ms`,
      formatNumber(outputs),
    ]);
  const failed = refused.map(({ way, why }) => `  ${nameOf(way)}: ${why}`);
  const different = new Set(found.map(({ outputs }) => outputs.toFixed(3))).size > 1;
  const sections = [
    formatTable([header, ...rows]),
    ...(failed.length === 0 ? [] : [`Does not work\n${failed.join("\n")}`]),
    ...(different ? ["Careful: not every way gave as many outputs. Look at the dead letters before you choose."] : []),
    advice === undefined
      ? "Nothing to recommend: no way works."
      : `Take ${nameOf(advice.way)}.\n${advice.reasons.map((reason) => `  ${reason}`).join("\n")}`,
  ];
  return `${sections.join("\n\n")}\n`;
}
