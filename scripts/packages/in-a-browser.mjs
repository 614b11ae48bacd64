// What a program for the browser is bundled from.
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { webWorkers } from "@ringline/web-workers";
import { webgpu } from "@ringline/webgpu";

const backends = { main: inProcess(), threads: webWorkers(), gpu: webgpu() };
export const runtime = createRuntime({ backends, defaultBackend: "main" });
