import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The commit that is measured, with "+" where files were changed since; null outside of a repository. */
export function commit(): string | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", ":/") !== "";
    return `${git("rev-parse", "--short=12", "HEAD")}${changed ? "+" : ""}`;
  } catch {
    return null;
  }
}
