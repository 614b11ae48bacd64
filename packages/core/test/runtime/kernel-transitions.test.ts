import { expect, test } from "vitest";
import type { KernelState } from "../../src/index.js";
import { checkTransition, isEnded } from "../../src/runtime/kernel-transitions.js";

const states: readonly KernelState[] = [
  ...(["created", "launched", "active", "deactivated"] as const),
  ...(["terminating", "terminated", "failed"] as const),
];
const allowed = new Set([
  "created → launched",
  "launched → active",
  "active → deactivated",
  "deactivated → active",
  ...["launched", "active", "deactivated"].flatMap((from) => [`${from} → terminating`, `${from} → failed`]),
  "terminating → terminated",
]);
const all = states.flatMap((from) => states.map((to) => [from, to] as const));

test.each(all)("%s → %s", (from, to) => {
  const change = () => checkTransition("k", from, to);
  if (allowed.has(`${from} → ${to}`)) return expect(change).not.toThrow();
  const details = { state: from, wanted: to };
  return expect(change).toThrow(expect.objectContaining({ code: "KERNEL_STATE", kernelId: "k", details }));
});

test("what has ended", () => {
  expect(states.filter(isEnded)).toEqual(["terminated", "failed"]);
});
