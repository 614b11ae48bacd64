import { parseArgs } from "node:util";
import { Client, plain, toJson, type WirePicture } from "./client.js";
import { dotOf, mermaidOf } from "./graph.js";
import { letters } from "./letters.js";
import { type Options, UsageError } from "./options.js";
import { top } from "./top.js";

const HELP = `Usage: ringline <command> <url> [options]

Looks at a running program, and acts on it. <url> is what devtools(runtime) gave; without it RINGLINE_URL counts.

  top <url>                          rates, queues, what stands still; every second until Ctrl+C
  why <url>                          what stands still and why, as sentences; exit code 2 if something does
  graph <url> [--mermaid|--dot]      the running topology
  letters list <url>                 dead letters, latest first
  letters show <url> <ref>           one of them, with its message and errors
  letters replay <url> [<ref> ...]   sends them again; without refs all that --kernel and --reason choose
  letters discard <url> [<ref> ...]  removes them
  letters export <url>               all of them, one JSON object a line

  --kernel <id>, --reason <code>     which dead letters
  --most <n>                         how many to list, at most 1000 (100)
  --all                              replay or discard without any choice
  --once                             top: look once
  --json                             JSON for programs
  --help

To replay and discard the program must allow it: devtools(runtime, { write: true }).
Exit codes: 0 done, 1 failed, 2 something stands still (why), 64 wrong usage.
`;

const OPTIONS = {
  kernel: { type: "string" },
  reason: { type: "string" },
  most: { type: "string" },
  all: { type: "boolean" },
  once: { type: "boolean" },
  json: { type: "boolean" },
  mermaid: { type: "boolean" },
  dot: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs the command; `print` gets its output. Resolves to the exit code. Never rejects. */
export async function command(args: readonly string[], print: (text: string) => void = write): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help || positionals.length === 0) {
      print(HELP);
      return values.help ? 0 : 64;
    }
    return await run(positionals, values as Options, print);
  } catch (error) {
    const isUsage =
      error instanceof UsageError || String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    const reason =
      error instanceof Error
        ? error.cause instanceof Error
          ? `${error.message}: ${error.cause.message}`
          : error.message
        : String(error);
    console.error(plain(`ringline: ${reason}${isUsage ? "\nringline --help says more." : ""}`));
    return isUsage ? 64 : 1;
  }
}

async function run(positionals: readonly string[], options: Options, print: (text: string) => void): Promise<number> {
  const [name = "", ...rest] = positionals;
  if (name === "letters") {
    const [verb = "", ...more] = rest;
    const [client, refs] = clientOf(more);
    return letters(verb, client, refs, options, print);
  }
  if (!["top", "why", "graph"].includes(name)) throw new UsageError(`There is no command "${name}".`);
  const [client] = clientOf(rest);
  if (name === "top") return top(client, options, print);
  const picture = await client.get<WirePicture>("api/picture");
  if (name === "why") {
    const { stories } = picture;
    const stalls = stories.filter(({ kind }) => kind !== "slow");
    if (options.json) print(`${toJson(stories)}\n`);
    else if (stories.length === 0) print("Nothing stands still.\n");
    else for (const { text, advice } of stories) print(`${plain(text)}\n  ${advice}\n`);
    return stalls.length > 0 ? 2 : 0;
  }
  if (options.json) print(`${toJson({ nodes: picture.nodes, edges: picture.edges, flows: picture.flows })}\n`);
  else print(options.dot ? dotOf(picture) : mermaidOf(picture));
  return 0;
}

/** The client for the address among the arguments or of the environment, and the arguments after it. */
function clientOf(args: readonly string[]): [Client, readonly string[]] {
  const [first, ...rest] = args;
  const isUrl = first !== undefined && /^https?:/.test(first);
  const url = isUrl ? first : process.env["RINGLINE_URL"];
  if (url === undefined) throw new UsageError("Give the address that devtools(runtime) printed.");
  return [new Client(url), isUrl ? rest : args];
}

function write(text: string): void {
  process.stdout.write(text);
}
