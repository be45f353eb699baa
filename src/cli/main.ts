#!/usr/bin/env node
import { lookInWorkingDirectory } from "../optional-package.ts";
import { letGoOfClosedTerminals } from "./closed-terminal.ts";
import { processIo } from "./io.ts";
import { runCommand } from "./run-command.ts";

letGoOfClosedTerminals();
lookInWorkingDirectory();
process.exitCode = await runCommand(process.argv.slice(2), processIo());
