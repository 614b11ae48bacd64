import type { BrokenBackend } from "./broken-backend.js";
import { law01 } from "./law-01.js";
import { law02 } from "./law-02.js";
import { law03 } from "./law-03.js";
import { law04 } from "./law-04.js";
import { law05 } from "./law-05.js";
import { law06 } from "./law-06.js";
import { law07 } from "./law-07.js";
import { law08 } from "./law-08.js";
import { law08Compute } from "./law-08-compute.js";
import { law08Values } from "./law-08-values.js";
import { law09 } from "./law-09.js";
import { law10 } from "./law-10.js";
import { law11 } from "./law-11.js";
import { law12 } from "./law-12.js";
import { lostPlaces } from "./lost-places.js";

/** Backends that each break one law. */
export const brokenBackends: readonly BrokenBackend[] = [
  ...law01,
  ...law02,
  ...law03,
  ...law04,
  ...law05,
  ...law06,
  ...law07,
  ...law08,
  ...law08Compute,
  ...law08Values,
  ...law09,
  ...law10,
  ...law11,
  ...law12,
  ...lostPlaces,
];
