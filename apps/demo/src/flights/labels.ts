/** Upper limits of the distance bands in miles, exclusive; the last band has none. */
export const LIMITS: readonly number[] = [250, 500, 750, 1000, 1500, 2000];

export const BANDS = LIMITS.length + 1;
export const HOURS = 24;

/** The index of the band that a distance in miles lies in. */
export function bandOf(distance: number): number {
  const band = LIMITS.findIndex((limit) => distance < limit);
  return band < 0 ? LIMITS.length : band;
}

/** Such as "250–499 mi". */
export function bandLabel(band: number): string {
  const from = LIMITS[band - 1] ?? 0;
  const to = LIMITS[band];
  return to === undefined ? `${from} mi and more` : `${from}–${to - 1} mi`;
}

/** Such as "07:00". */
export function hourLabel(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
