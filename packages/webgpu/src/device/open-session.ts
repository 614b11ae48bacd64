import { errors } from "@ringline/core";
import type { Settings } from "../options.js";
import { adapterAdvice, loadGpu, unavailable } from "./load-gpu.js";
import { type AdapterFacts, Session } from "./session.js";

/** Features that are requested if the adapter has them. */
const WELCOME: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Finds an adapter. Rejects with `BACKEND_UNAVAILABLE` if there is none. */
export async function findAdapter({ powerPreference }: Settings): Promise<GPUAdapter> {
  const gpu = await loadGpu();
  const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
  if (adapter === null) throw unavailable(adapterAdvice());
  return adapter;
}

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

function factsOf(info: GPUAdapterInfo | undefined): AdapterFacts {
  const name = info?.description || info?.device || [info?.vendor, info?.architecture].filter(Boolean).join(" ");
  const isSoftware = info?.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|warp/i.test(name ?? "");
  return { name: name || "an adapter without a name", isSoftware };
}

/** Error for a feature that a kernel needs and the device lacks. */
export function lacking(feature: string, kernelId: string) {
  return new errors.UNSUPPORTED({ backend: "webgpu", capability: feature }, { kernelId });
}
