#!/usr/bin/env node
import { hostCommand } from "./cli/host-command.js";

void hostCommand(process.argv.slice(2));
