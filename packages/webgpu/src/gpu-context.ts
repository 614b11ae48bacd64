/** `ctx.gpu` of a kernel with `needs: ["gpu"]`. */
export interface GpuContext {
  /** The current device, shared by the kernels of a runtime. Read it for each message, as a lost device is replaced. */
  readonly device: GPUDevice;
  /** Name of the adapter. */
  readonly adapter: string;
  /** True for an adapter in software: its timings say nothing about a GPU. */
  readonly isSoftware: boolean;
  /** Waits for a promise of the device, such as `mapAsync`, in the cheapest way for this environment. */
  wait<T>(promise: Promise<T>): Promise<T>;
}

declare module "@ringline/core" {
  interface BackendExtensions {
    readonly gpu: GpuContext;
  }
}

declare global {
  /**
   * Empty where nothing else declares the types of WebGPU (TypeScript before 6, or no DOM): `@webgpu/types` then gives it
   * its members. Without this declaration `ctx.gpu.device` would be `any` there.
   */
  interface GPUDevice {}
}
