import type { LookupPlan, MapPlan, ProgramPlan } from "@ringline/core/internal";
import type { Session } from "../device/session.js";
import { COPY_DST, STORAGE } from "../device/usage.js";

/** The plan with the device body for a device: the first variant whose features are all present. */
export function planFor<Plan extends MapPlan | ProgramPlan>(plan: Plan, { device }: Session): Plan {
  const variant = plan.variants.find(({ features }) => features.every((feature) => device.features.has(feature)));
  return variant === undefined ? plan : { ...plan, wgsl: variant.wgsl, ...variant.passes };
}

/** Uploads the lookup arrays of a kernel, which keeps them until it ends. */
export function uploadLookups({ pool, device }: Session, lookups: readonly LookupPlan[]): readonly GPUBuffer[] {
  return lookups.map(({ values }) => {
    const { bytes } = values();
    const buffer = pool.make(bytes.byteLength, STORAGE | COPY_DST);
    device.queue.writeBuffer(buffer, 0, bytes);
    return buffer;
  });
}
