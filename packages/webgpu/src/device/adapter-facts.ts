/** Facts about an adapter. */
export interface AdapterFacts {
  readonly name: string;
  /** True for an adapter in software: its timings say nothing about a GPU. */
  readonly isSoftware: boolean;
}

export function factsOf(info: GPUAdapterInfo | undefined): AdapterFacts {
  const name = info?.description || info?.device || [info?.vendor, info?.architecture].filter(Boolean).join(" ");
  const isSoftware = info?.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|warp/i.test(name ?? "");
  return { name: name || "an adapter without a name", isSoftware };
}
