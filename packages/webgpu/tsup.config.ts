import { library } from "../../tsup.shared.ts";

export default library(["src/index.ts", "src/kernels.ts"], ["@webgpu/types"], { external: ["webgpu"] });
