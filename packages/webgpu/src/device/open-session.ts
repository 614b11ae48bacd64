import { errors } from "@ringline/core";
import type { Settings } from "../options.js";
import { factsOf } from "./adapter-facts.js";
import { adapterAdvice, loadGpu, unavailable } from "./load-gpu.js";
import { Session } from "./session.js";

/** Features that are requested if the adapter has them. */
const WELCOME: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Finds an adapter. Rejects with `BACKEND_UNAVAILABLE` if there is none. */
export async function findAdapter({ powerPreference, suits }: Settings): Promise<GPUAdapter> {
  const gpu = await loadGpu();
  const preferred: GPURequestAdapterOptions = powerPreference === undefined ? {} : { powerPreference };
  const names: string[] = [];
  for (const options of suits === undefined ? [preferred] : [preferred, ...OTHERS]) {
    const adapter = await gpu.requestAdapter(options);
    if (adapter === null) continue;
    const facts = factsOf(adapter.info);
    if (suits === undefined || suits(facts)) return adapter;
    names.push(facts.name);
  }
  if (names.length === 0) throw unavailable(adapterAdvice());
  throw unavailable(`No adapter suits \`adapter\` of webgpu(); there are: ${[...new Set(names)].join(", ")}.`);
}

/** Requests that may find further adapters. */
const OTHERS: readonly GPURequestAdapterOptions[] = [
  { powerPreference: "high-performance" },
  { powerPreference: "low-power" },
  { forceFallbackAdapter: true },
];

/** Limits that are raised to those of the adapter. */
const SIZES = [
  ...(["maxBufferSize", "maxStorageBufferBindingSize", "maxStorageBuffersPerShaderStage"] as const),
  ...(["maxComputeInvocationsPerWorkgroup", "maxComputeWorkgroupStorageSize"] as const),
  ...(["maxComputeWorkgroupSizeX", "maxComputeWorkgroupSizeY", "maxComputeWorkgroupSizeZ"] as const),
] as const;

/** Opens a device. An adapter serves for one device: `found`, or a new one. Rejects with `BACKEND_UNAVAILABLE`. */
export async function openSession(settings: Settings, found: GPUAdapter | undefined): Promise<Session> {
  if (settings.device !== undefined) {
    const { adapterInfo } = settings.device as { adapterInfo?: GPUAdapterInfo };
    return new Session(settings.device, factsOf(adapterInfo), settings);
  }
  const adapter = found ?? (await findAdapter(settings));
  const { requiredLimits, requiredFeatures } = settings;
  const welcome = WELCOME.filter((feature) => adapter.features.has(feature) && !requiredFeatures.includes(feature));
  try {
    const device = await adapter.requestDevice({
      requiredLimits: { ...Object.fromEntries(SIZES.map((name) => [name, adapter.limits[name]])), ...requiredLimits },
      requiredFeatures: [...requiredFeatures, ...welcome],
    });
    return new Session(device, factsOf(adapter.info), settings);
  } catch (cause) {
    throw unavailable(`The adapter refuses a device with ${asked(settings, adapter)}.`, cause);
  }
}

function asked({ requiredLimits, requiredFeatures }: Settings, adapter: GPUAdapter): string {
  const limits = Object.entries(requiredLimits).map(([name, value]) => {
    const most = (adapter.limits as unknown as Record<string, number | undefined>)[name];
    return `${name} ${value} (it has ${most ?? "no such limit"})`;
  });
  const features = requiredFeatures.map(
    (name) => `${name} (${adapter.features.has(name) ? "it has that" : "it has not"})`,
  );
  return [...limits, ...features].join(", ") || "the default limits";
}

/** Error for a feature that a kernel needs and the device lacks. */
export function lacking(feature: string, kernelId: string) {
  return new errors.UNSUPPORTED({ backend: "webgpu", capability: feature }, { kernelId });
}
