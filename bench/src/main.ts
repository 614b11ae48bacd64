import { EXIT, print } from "./cli/exit.js";
import { parseOptions } from "./cli/parse-options.js";
import { HELP, USAGE } from "./cli/usage.js";
import { UsageError } from "./cli/usage-error.js";

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "compare" && !wantsHelp(rest)) return (await import("./cli/compare-command.js")).compareCommand(rest);
  if (first === "render" && !wantsHelp(rest)) return (await import("./cli/render-command.js")).renderCommand(rest);
  if (first === "recommend" && !wantsHelp(rest))
    return (await import("./cli/recommend-command.js")).recommendCommand(rest);
  if (first === "browser" && !wantsHelp(rest)) return (await import("./cli/browser-command.js")).browserCommand(rest);
  const command = parseOptions(wantsHelp(args) ? ["--help"] : args);
  if (command.kind === "help") return print(HELP);
  if (command.kind === "list") return print(await (await import("./cli/list.js")).list());
  return (await import("./cli/run-command.js")).runCommand(command, args);
}

const wantsHelp = (args: readonly string[]) => args.includes("--help") || args.includes("-h");

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(usage ? `${error.message}\n${USAGE}\n` : `${error instanceof Error ? error.stack : error}\n`);
    process.exit(usage ? EXIT.usage : EXIT.failed);
  },
);
