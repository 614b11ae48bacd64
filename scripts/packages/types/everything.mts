// Every entry of every package, so that all of their declarations are checked.
export * as core from "@ringline/core";
export * as backend from "@ringline/core/backend";
export * as internal from "@ringline/core/internal";
export * as testing from "@ringline/core/testing";
export * as inProcess from "@ringline/in-process";
export * as remote from "@ringline/remote";
export * as streams from "@ringline/streams";
export * as webWorkers from "@ringline/web-workers";
export * as webWorkersThread from "@ringline/web-workers/thread";
export * as webgpu from "@ringline/webgpu";
export * as gpuKernels from "@ringline/webgpu/kernels";
