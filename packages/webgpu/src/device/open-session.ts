import { errors } from "@ringline/core";
import type { Settings } from "../options.js";
import { adapterAdvice, loadGpu, unavailable } from "./load-gpu.js";
import { type AdapterFacts, Session } from "./session.js";

/** Asked for where the adapter has them. */
const WELCOME: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Rejects with `BACKEND_UNAVAILABLE` where there is none. */
export async function findAdapter({ powerPreference }: Settings): Promise<GPUAdapter> {
  const gpu = await loadGpu();
  const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
  if (adapter === null) throw unavailable(adapterAdvice());
  return adapter;
}

/** Buffers may be as large, and as many, as the adapter has them. */
const SIZES = ["maxBufferSize", "maxStorageBufferBindingSize", "maxStorageBuffersPerShaderStage"] as const;

/**
 * A new device; each comes from an adapter of its own, which serves once: `found`, or another. Rejects with
 * `BACKEND_UNAVAILABLE`.
 */
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

/** A kernel needs a feature that the device lacks. */
export function lacking(feature: string, kernelId: string) {
  return new errors.UNSUPPORTED({ backend: "webgpu", capability: feature }, { kernelId });
}
