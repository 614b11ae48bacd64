/** What a host tells all runtimes of itself. */
export interface HostNews {
  readonly host: string;
  /** Of the frames that it understands. */
  readonly version: number;
  readonly labels: readonly string[];
  /** How many kernels it runs, by runtime. */
  readonly runtimes: Readonly<Record<string, number>>;
  /** It takes no more kernels. */
  readonly isLeaving: boolean;
  /** It has ended. */
  readonly isGone: boolean;
}

export function isHostNews(news: unknown): news is HostNews {
  if (typeof news !== "object" || news === null) return false;
  const { host, version, labels, runtimes } = news as Partial<HostNews>;
  return (
    typeof host === "string" && typeof version === "number" && Array.isArray(labels) && typeof runtimes === "object"
  );
}
