import { testProject } from "../../vitest.shared.ts";

export default testProject("worker-threads", { onBuilt: true });
