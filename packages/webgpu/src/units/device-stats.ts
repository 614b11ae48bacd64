/** What a kernel has done on devices since it was launched. */
export interface DeviceStats {
  /** Passes that were started, submits that held them, and copies that came back. */
  dispatches: number;
  submits: number;
  readbacks: number;
  bytesUp: number;
  bytesDown: number;
  batches: number;
  /** Batches under way now. */
  inFlight: number;
  /** Batches that were done again because their device was lost. */
  repeated: number;
}

export const noStats = (): DeviceStats => ({
  dispatches: 0,
  submits: 0,
  readbacks: 0,
  bytesUp: 0,
  bytesDown: 0,
  batches: 0,
  inFlight: 0,
  repeated: 0,
});
