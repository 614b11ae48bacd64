/** Reads JSON from the program. Rejects with the reason that it gives. */
export async function get<T>(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): Promise<T> {
  return answerOf<T>(await fetch(`${path}?${queryOf(query)}`));
}

export function queryOf(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

export async function post<T>(path: string, body: object): Promise<T> {
  const headers = { "content-type": "application/json", "x-ringline-viewer": "the page" };
  return answerOf<T>(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const value = (await response.json().catch(() => ({}))) as T & { error?: string; text?: string };
  if (!response.ok) throw new Error(value.error ?? value.text ?? `The program answers ${response.status}.`);
  return value;
}
