import { testProject } from "../../vitest.shared.ts";

export default testProject("web-workers");
