/** Flights that are counted together. */
export interface Group {
  readonly label: string;
  readonly flights: number;
  /** Minutes, added up: whole numbers, so that every order of adding gives the same. */
  readonly delay: number;
}

/** Summary of the flights. Groups without a flight are left out. */
export interface Summary {
  readonly flights: number;
  readonly byHour: readonly Group[];
  readonly byBand: readonly Group[];
  /** The hour and band with the highest and the lowest average delay, the first where several have it; null without enough flights. */
  readonly worst: Group | null;
  readonly best: Group | null;
}

/** Flights that a group needs to be the worst or the best. */
export const ENOUGH = 100;

/** Minutes. */
export function averageDelay({ delay, flights }: Group): number {
  return delay / flights;
}
