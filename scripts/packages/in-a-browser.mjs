// What a program for the browser is bundled from.
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { webgpu } from "@ringline/webgpu";

export const runtime = createRuntime({ backends: { main: inProcess(), gpu: webgpu() }, defaultBackend: "main" });
