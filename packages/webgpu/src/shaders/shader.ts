import { errors } from "@ringline/core";
import type { Session } from "../device/session.js";

/** How a binding may be used. */
export type BindingKind = GPUBufferBindingType;

/** A shader as it is given to the device: what is generated, and what the user wrote in it. */
export interface Shader {
  readonly code: string;
  /** Lines before the user's text. */
  readonly linesBefore: number;
  /** By number of the binding. */
  readonly bindings: readonly BindingKind[];
}

export function assemble(head: readonly string[], wgsl: string, tail: readonly string[]): Omit<Shader, "bindings"> {
  const before = head.filter((text) => text !== "").join("\n");
  return { code: `${before}\n${wgsl}\n${tail.join("\n")}`, linesBefore: before.split("\n").length };
}

/** A pipeline for an entry of a shader. Rejects with `INVALID_ARGUMENT`, and the line of the user's text. */
export function compile(
  session: Session,
  shader: Shader,
  entry: string,
  kernelId: string,
): Promise<GPUComputePipeline> {
  return session.pipeline(`${entry}\n${shader.bindings.join()}\n${shader.code}`, async () => {
    const { device } = session;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: shader.code });
    const scope = device.popErrorScope();
    const { messages } = await module.getCompilationInfo();
    const wrong = messages.find(({ type }) => type === "error");
    const refused = await scope;
    if (session.lost !== undefined) throw session.lostError();
    if (wrong !== undefined) throw refusal(wrong, shader, kernelId);
    if (refused !== null) throw wgslError(refused.message, undefined, kernelId);
    const layout = device.createPipelineLayout({ bindGroupLayouts: [layoutOf(device, shader.bindings)] });
    try {
      return await device.createComputePipelineAsync({ layout, compute: { module, entryPoint: entry } });
    } catch (cause) {
      if (session.lost !== undefined) throw session.lostError();
      throw wgslError((cause as Error).message, undefined, kernelId);
    }
  });
}

function layoutOf(device: GPUDevice, bindings: readonly BindingKind[]): GPUBindGroupLayout {
  const entries = bindings.map((type, binding) => ({ binding, visibility: 4, buffer: { type } })); // GPUShaderStage.COMPUTE
  return device.createBindGroupLayout({ entries });
}

function refusal({ lineNum, linePos, message }: GPUCompilationMessage, shader: Shader, kernelId: string) {
  const line = lineNum - shader.linesBefore;
  const text = shader.code.split("\n")[lineNum - 1]?.trim() ?? "";
  return wgslError(`line ${line}, column ${linePos}: ${message}`, text, kernelId);
}

function wgslError(problem: string, text: string | undefined, kernelId: string) {
  return new errors.INVALID_ARGUMENT(
    { argument: "wgsl", value: text ?? "this text" },
    { kernelId, remedy: `The compiler says: ${problem}` },
  );
}
