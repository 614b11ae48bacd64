import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
import { devtools } from "@ringline/devtools";

const Order = defineMessage("Order", body<{ n: number }>());

export const checkout = defineKernel({
  id: "checkout",
  module: import.meta.url,
  input: Order,
  output: Order,
  handle: (order) => order,
});
export const payment = defineKernel({
  id: "payment",
  module: import.meta.url,
  input: Order,
  output: Order,
  handle: (order) => order,
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using tools = await devtools(runtime, {
    write: true,
    audit: ({ by, text }) => console.log(`audit: ${by} ${text}`),
  });
  // console.log(tools.url), and open it

  await using flow = await runtime.run(pipeline("orders").stage(checkout).stage(payment));
  await runtime.deactivate("orders.payment"); // someone forgot it
  for (let n = 0; n < 3; n++) await flow.send(Order({ n }));

  const stories = await untilThereAreStories(tools.url);
  for (const { text, advice } of stories) console.log(`${text} ${advice}`);

  await fetch(`${tools.url}api/act`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-ringline-viewer": "night shift" },
    body: JSON.stringify({ act: "resume", target: "orders.payment" }),
  });
  for (let n = 0; n < 3; n++) console.log(`order ${(await flow.receive({ timeout: 1000 })).n}`);
}

interface Story {
  readonly text: string;
  readonly advice: string;
}

/** Looks as the page does, until something has stood still for a second. */
async function untilThereAreStories(url: string): Promise<readonly Story[]> {
  for (;;) {
    const picture = (await (await fetch(`${url}api/picture`)).json()) as { stories: readonly Story[] };
    if (picture.stories.length > 0) return picture.stories;
  }
}
