import type { Act, Asked } from "../watch/acts.js";
import type { EdgeView, FlowView, NodeView, Story, Tick } from "../watch/model.js";

/** A picture as it comes over the wire. */
export interface WirePicture {
  readonly at: number;
  readonly nodes: readonly NodeView[];
  readonly edges: readonly EdgeView[];
  readonly flows: readonly FlowView[];
  readonly stories: readonly Story[];
  readonly letters: Tick["letters"];
}

/** Asks a running program by the address that `devtools()` gave. */
export class Client {
  readonly #url: URL;

  /** Throws a `TypeError` for text that is no address. */
  constructor(url: string) {
    this.#url = new URL(url.endsWith("/") ? url : `${url}/`);
  }

  /** Rejects with the reason that the program gives. */
  async get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    return (await (await this.#fetch(path, query)).json()) as T;
  }

  async text(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<string> {
    return (await this.#fetch(path, query)).text();
  }

  async act(asked: Asked): Promise<Act> {
    const headers = { "content-type": "application/json", "x-ringline-viewer": "ringline" };
    const response = await fetch(new URL("api/act", this.#url), {
      method: "POST",
      headers,
      body: JSON.stringify(asked),
    });
    const answer = (await response.json().catch(() => ({}))) as Act & { error?: string };
    if (response.ok || answer.text !== undefined) return answer;
    throw new Error(answer.error ?? `The program answers ${response.status}.`);
  }

  async #fetch(path: string, query: Readonly<Record<string, string | number | undefined>>): Promise<Response> {
    const url = new URL(path, this.#url);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const response = await fetch(url);
    if (response.ok) return response;
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    const unknown =
      response.status === 404 ? "Nothing is told under this address: is the token in it whole?" : undefined;
    throw new Error(error ?? unknown ?? `The program answers ${response.status}.`);
  }
}

/** Text of a message or an error without characters that control a terminal; line breaks and tabs stay. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�");
}

/** JSON whose control characters are escapes: `JSON.stringify` leaves some as they are. */
export const escaped = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);

/** A value as JSON for programs. */
export const toJson = (value: unknown): string => escaped(JSON.stringify(value, null, 2));
