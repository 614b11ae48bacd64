import { testProject } from "../../vitest.shared.ts";

export default testProject("child-processes", { onBuilt: true });
