import { testProject } from "../../vitest.shared.ts";

/** Much fails on purpose here, by waiting in vain: half the patience is enough. */
export default testProject("conformance", { env: { RINGLINE_PATIENCE: "0.5" } });
