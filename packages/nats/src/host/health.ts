/** What a host says of itself to whoever watches it. */
export interface Health {
  readonly host: string;
  readonly labels: readonly string[];
  /** It takes no more kernels. */
  readonly isLeaving: boolean;
  /** Runtimes that use it. */
  readonly runtimes: number;
  readonly kernels: number;
  /** Frames that were not ours. */
  readonly refusedFrames: number;
  /** It has not answered for a second: this is what it said last. */
  readonly isBusy?: boolean;
}
