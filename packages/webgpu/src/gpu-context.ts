/** `ctx.gpu` of a kernel with `needs: ["gpu"]`. */
export interface GpuContext {
  /** The device as it is now, shared by the kernels of a runtime. Read it anew for each message: a lost one is replaced. */
  readonly device: GPUDevice;
  /** The name of the adapter. */
  readonly adapter: string;
  /** True for an adapter in software: its timings say nothing about a GPU. */
  readonly isSoftware: boolean;
  /** Waits for something of the device, such as `mapAsync`, in the way that costs least where this runs. */
  wait<T>(promise: Promise<T>): Promise<T>;
}

declare module "@ringline/core" {
  interface BackendExtensions {
    readonly gpu: GpuContext;
  }
}
