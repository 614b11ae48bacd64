/** Health of a host, for monitoring. */
export interface Health {
  readonly host: string;
  readonly labels: readonly string[];
  /** False while it cannot reach the server, or the server refuses it. */
  readonly connected: boolean;
  /** Since when it is so, in ISO 8601. */
  readonly since: string;
  /** Reason for the lack of a connection, if the server gave one. */
  readonly reason: string | null;
  /** True if the host takes no more kernels. */
  readonly isLeaving: boolean;
  /** Runtimes that use it. */
  readonly runtimes: number;
  readonly kernels: number;
  /** Frames and lines that were not ours. */
  readonly refusedFrames: number;
  /** True if the host has not responded for a second: the other fields are its last values. */
  readonly isBusy?: boolean;
}
