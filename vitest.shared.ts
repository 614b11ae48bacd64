import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";

const base = JSON.parse(readFileSync(new URL("tsconfig.base.json", import.meta.url), "utf8"));
const paths: Record<string, [string]> = base.compilerOptions.paths;

/** Tests run on sources: the packages' names lead where the type-checker's `paths` lead. */
const alias = Object.entries(paths).map(([name, [file]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

/** The Vitest project of one workspace: its `test/**` on sources. */
export function testProject(name: string): ReturnType<typeof defineProject> {
  return defineProject({
    resolve: { alias },
    test: { name, include: ["test/**/*.test.ts"] },
  });
}
