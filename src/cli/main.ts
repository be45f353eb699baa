#!/usr/bin/env node
import { letGoOfClosedTerminals } from "./closed-terminal.ts";
import { processIo } from "./io.ts";
import { runCommand } from "./run-command.ts";

letGoOfClosedTerminals();
process.exitCode = await runCommand(process.argv.slice(2), processIo());
