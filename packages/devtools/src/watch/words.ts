/** A number with separators between thousands. */
export const count = (n: number): string => n.toLocaleString("en-US");

/** A number and its noun: "1 message", "2,000 messages". */
export const many = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

/** Milliseconds in the largest unit that fits: "800 ms", "12 s", "3 min", "2 h", "4 d". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** Names in a sentence: "a", "a and b", "a, b and 3 others". */
export function list(names: readonly string[]): string {
  if (names.length < 3) return names.join(" and ");
  if (names.length === 3) return `${names[0]}, ${names[1]} and ${names[2]}`;
  return `${names[0]}, ${names[1]} and ${names.length - 2} others`;
}
