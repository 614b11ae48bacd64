import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";

const base = JSON.parse(readFileSync(new URL("tsconfig.base.json", import.meta.url), "utf8"));
const paths: Record<string, [string]> = base.compilerOptions.paths;

/** Tests on sources: the packages' names lead where the type-checker's `paths` lead. */
const sources = Object.entries(paths).map(([name, [file]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

interface TestOptions {
  /** The packages' names lead to what was built: for tests that start threads or programs, which see nothing of Vitest. */
  readonly onBuilt?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The Vitest project of one workspace: its `test/**`. Time limits are for what hangs, and generous enough for a machine that
 * others use: a test gives none of its own, and polls instead of sleeping.
 */
export function testProject(
  name: string,
  { onBuilt = false, env = {} }: TestOptions = {},
): ReturnType<typeof defineProject> {
  return defineProject({
    resolve: { alias: onBuilt ? [] : sources },
    test: {
      ...{ name, env, include: ["test/**/*.test.ts"] },
      ...{ testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 90_000 } } },
    },
  });
}
