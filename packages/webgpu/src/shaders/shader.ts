import { errors } from "@ringline/core";
import { lacking } from "../device/open-session.js";
import type { Session } from "../device/session.js";
import { linesOf, type UserText } from "./wgsl-text.js";

/** Usage of a binding. */
export type BindingKind = GPUBufferBindingType;

/** A shader, generated code and user's text together. */
export interface Shader {
  readonly code: string;
  /** Lines before the user's text. */
  readonly linesBefore: number;
  /** Lines of the user's text. */
  readonly lines: readonly string[];
  /** Device features that the shader needs. */
  readonly features: readonly GPUFeatureName[];
  /** Kinds of the bindings, by number. */
  readonly bindings: readonly BindingKind[];
  /** Values of `override` constants. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Device features by their names in WGSL. */
const FEATURES: Readonly<Record<string, GPUFeatureName>> = { f16: "shader-f16" };

export function assemble(
  head: readonly string[],
  { wgsl, code, directives }: UserText,
  tail: readonly string[],
): Omit<Shader, "bindings"> {
  const before = [...directives, ...head].filter((text) => text !== "").join("\n");
  const enabled = directives.flatMap((one) => (one.startsWith("enable") ? one.slice(6, -1).split(",") : []));
  return {
    code: `${before}\n${code}\n${tail.join("\n")}`,
    linesBefore: linesOf(before).length,
    lines: linesOf(wgsl),
    features: enabled.map((name) => FEATURES[name.trim()] ?? (name.trim() as GPUFeatureName)),
  };
}

/**
 * Compiles a pipeline for an entry point of a shader. Rejects with `INVALID_ARGUMENT` and the line of the user's text,
 * and with `UNSUPPORTED` if the device lacks a feature or has too few bindings.
 */
export async function compile(
  session: Session,
  shader: Shader,
  entry: string,
  kernelId: string,
): Promise<GPUComputePipeline> {
  const { device } = session;
  for (const feature of shader.features) if (!device.features.has(feature)) throw lacking(feature, kernelId);
  const buffers = shader.bindings.filter((kind) => kind !== "uniform").length;
  const most = device.limits.maxStorageBuffersPerShaderStage;
  if (buffers > most) throw tooManyBuffers(buffers, most, kernelId);
  const { constants = {} } = shader;
  return session.pipeline([entry, shader.bindings, JSON.stringify(constants), shader.code].join("\n"), async () => {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: shader.code });
    const scope = device.popErrorScope();
    const { messages } = await module.getCompilationInfo();
    const wrong = messages.find(({ type }) => type === "error");
    const refused = await scope;
    if (session.lost !== undefined) throw session.lostError();
    if (wrong !== undefined) throw refusal(wrong, shader, kernelId);
    if (refused !== null) throw wgslError(refused.message, entry, kernelId);
    const layout = device.createPipelineLayout({ bindGroupLayouts: [layoutOf(device, shader.bindings)] });
    try {
      return await device.createComputePipelineAsync({ layout, compute: { module, entryPoint: entry, constants } });
    } catch (cause) {
      if (session.lost !== undefined) throw session.lostError();
      throw wgslError((cause as Error).message, entry, kernelId);
    }
  });
}

function layoutOf(device: GPUDevice, bindings: readonly BindingKind[]): GPUBindGroupLayout {
  const entries = bindings.map((type, binding) => ({
    ...{ binding, visibility: 4 }, // GPUShaderStage.COMPUTE
    buffer: { type, hasDynamicOffset: type === "uniform" },
  }));
  return device.createBindGroupLayout({ entries });
}

/**
 * Error of the compiler, located in the user's text, or in the generated text around it, which calls the user's
 * functions.
 */
function refusal({ lineNum, linePos, message }: GPUCompilationMessage, shader: Shader, kernelId: string) {
  const line = lineNum - shader.linesBefore;
  const own = shader.lines[line - 1];
  if (own !== undefined) return wgslError(`line ${line}, column ${linePos}: ${message}`, own.trim(), kernelId);
  const text = linesOf(shader.code)[lineNum - 1]?.trim() ?? "";
  const where = line < 1 ? "before the text, in the structs and bindings" : "behind the end of the text";
  return wgslError(`${where}: ${message}`, text, kernelId);
}

function wgslError(problem: string, text: string, kernelId: string) {
  return new errors.INVALID_ARGUMENT(
    { argument: "wgsl", value: text },
    { kernelId, remedy: `The compiler says: ${problem}` },
  );
}

function tooManyBuffers(buffers: number, most: number, kernelId: string) {
  const remedy = `The device binds at most ${most} storage buffers (maxStorageBuffersPerShaderStage), the kernel needs too many \
arrays: each array is one, and so are \`params\` and \`result\`. Put some into one array of structs.`;
  const capability = `${buffers} storage buffers in one kernel`;
  return new errors.UNSUPPORTED({ backend: "webgpu", capability }, { kernelId, remedy });
}
