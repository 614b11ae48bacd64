const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** Markup, as opposed to text. */
class Html {
  constructor(readonly markup: string) {}
}

export type { Html };

type Part = string | number | Html | readonly Html[];

/** Inserted values are text and are escaped, unless this function made them. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((markup, text, i) => `${markup}${markupOf(parts[i - 1] as Part)}${text}`));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === "object") return part.map(({ markup }) => markup).join("");
  return escaped(String(part));
}

export const nothing = new Html("");
/** Markup that is known to be whole. */
export const trusted = (markup: string) => new Html(markup);
