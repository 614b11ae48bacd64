import type { Case } from "./case.js";
import { factory } from "./cases/factory.js";
import { law01 } from "./cases/law-01-nothing-lost.js";
import { law02 } from "./cases/law-02-nothing-hangs.js";
import { law03 } from "./cases/law-03-order.js";
import { law04 } from "./cases/law-04-backpressure.js";
import { law05 } from "./cases/law-05-lifecycle.js";
import { law06 } from "./cases/law-06-errors.js";
import { law07 } from "./cases/law-07-telemetry.js";
import { law08 } from "./cases/law-08-every-place.js";
import { law09 } from "./cases/law-09-supervision.js";
import { law10 } from "./cases/law-10-clean-end.js";
import { law11 } from "./cases/law-11-faults-stay.js";
import { losable } from "./cases/losable.js";
import { streams } from "./cases/streams.js";

/** The whole suite, in the order in which it runs: the factory first. */
export const allCases: readonly Case[] = [
  ...factory,
  ...law01,
  ...law02,
  ...law03,
  ...law04,
  ...law05,
  ...law06,
  ...law07,
  ...law08,
  ...law09,
  ...law10,
  ...law11,
  ...losable,
  ...streams,
];
