/** Messages that must not compile. */
import { body, defineMessage } from "@ringline/core";
import { z } from "zod";
import { ComputeResult, RawData, raw } from "./usage.js";

// @ts-expect-error a body by type uses a header's name
defineMessage("Bad", body<{ priority: number }>());
// @ts-expect-error a body by schema uses a header's name
defineMessage("Bad", z.object({ values: z.array(z.number()), correlationId: z.string() }));
// @ts-expect-error one member of a union of bodies does
defineMessage("Bad", body<{ a: 1 } | { type: "x" }>());
// @ts-expect-error a body is an object
defineMessage("Bad", z.string());
// @ts-expect-error a body by type is an object, too
defineMessage("Bad", body<string>());
// @ts-expect-error the body is missing
RawData();
// @ts-expect-error a field has the wrong type
RawData({ values: ["1"] });
// @ts-expect-error a field that does not exist
RawData({ values: [1], extra: true });
// @ts-expect-error header fields go into the second argument
RawData({ values: [1], priority: 3 });
// @ts-expect-error the header of a message cannot be written
raw.priority = 3;
// @ts-expect-error nor can its body
raw.values = [];
// @ts-expect-error nor can its type
raw.type = "RawData";
// @ts-expect-error no such header option
RawData({ values: [1] }, { prio: 1 });
// @ts-expect-error replyTo takes a message, not an id
RawData({ values: [1] }, { replyTo: raw.messageId });
// @ts-expect-error a copy of another type's message
ComputeResult.with(raw, { priority: 1 });
// @ts-expect-error a copy has the same body
RawData.with(raw, { values: [] });
// @ts-expect-error what was parsed has the type's fields only
RawData.parse({}).result;
