import { program } from "../tsup.shared.ts";

export default program(["src/main.ts", "src/gpu/main.ts"], "../tsconfig.build.json");
