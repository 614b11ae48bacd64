import { existsSync, readFileSync } from "node:fs";

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  /** Ends with a line break. */
  readonly text: string;
  readonly line: number;
  /** The program that was linked last above it, if any: what the block is about. */
  readonly file: URL | undefined;
}

export interface Page {
  readonly blocks: readonly Block[];
  /** Targets of its links to files. */
  readonly links: readonly URL[];
}

const LINK = /\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g;

export function readPage(url: URL): Page {
  const blocks: Block[] = [];
  const links: URL[] = [];
  let file: URL | undefined;
  let open: { readonly language: string; readonly lines: string[]; readonly line: number } | undefined;
  for (const [i, line] of readFileSync(url, "utf8").split("\n").entries()) {
    if (open === undefined) {
      for (const [, path] of line.matchAll(LINK)) {
        const link = new URL(path as string, url);
        links.push(link);
        if (link.pathname.endsWith(".ts")) file = link;
      }
      if (line.startsWith("```")) open = { language: line.slice(3), lines: [], line: i + 1 };
    } else if (line === "```") {
      blocks.push({ language: open.language, text: `${open.lines.join("\n")}\n`, line: open.line, file });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return { blocks, links };
}

/** The links that lead nowhere. */
export function deadLinks({ links }: Page): string[] {
  return links.filter((link) => !existsSync(link)).map(({ pathname }) => pathname);
}
