/** A figure that the project wants to reach, and whether this run did. */
export interface Target {
  readonly name: string;
  readonly wanted: { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number };
  /** Null when it was not measured. */
  readonly measured: number | null;
  readonly state: "met" | "missed" | "not measured";
  /** False when the 95 % interval lies on both sides of the limit; null where there is no interval. */
  readonly certain: boolean | null;
}
