/** What a host says of itself to whoever watches it. */
export interface Health {
  readonly host: string;
  readonly labels: readonly string[];
  /** False while it cannot reach the server, or the server refuses it. */
  readonly connected: boolean;
  /** Since when it is so, in ISO 8601. */
  readonly since: string;
  /** Why it is not connected, where the server said so. */
  readonly reason: string | null;
  /** It takes no more kernels. */
  readonly isLeaving: boolean;
  /** Runtimes that use it. */
  readonly runtimes: number;
  readonly kernels: number;
  /** Frames and lines that were not ours. */
  readonly refusedFrames: number;
  /** It has not answered for a second: this is what it said last. */
  readonly isBusy?: boolean;
}
