/** Writes to the console what nobody listens to. What cannot be shown, as its fields throw, disturbs nobody. */
export function print(...what: readonly unknown[]): void {
  try {
    console.error(...what);
  } catch {
    console.error("[ringline] an error that cannot be shown");
  }
}
