import { connect } from "@nats-io/transport-node";

// the same as the kernels, by hand: JSON, one NATS message for each or an array of them in one
const client = await connect({ servers: process.argv[2] as string });
client.subscribe("raw.one", {
  callback: (_, message) => {
    if (message.json<{ n: number }>().n < 0) message.respond(message.data);
  },
});
client.subscribe("raw.many", {
  callback: (_, message) => {
    for (const { n } of message.json<{ n: number }[]>()) if (n < 0) message.respond(message.data);
  },
});
client.subscribe("raw.pass", {
  callback: (_, message) => {
    const { n } = message.json<{ n: number }>();
    client.publish("raw.one", JSON.stringify({ n }), message.reply ? { reply: message.reply } : {});
  },
});
client.subscribe("raw.ask", {
  callback: (_, message) => {
    message.respond(JSON.stringify({ n: message.json<{ n: number }>().n }));
  },
});
await client.flush();
console.log("is ready");
