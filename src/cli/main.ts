#!/usr/bin/env node
import { lookInWorkingDirectory } from "../optional-package.ts";
import { letGoOfClosedTerminals } from "./closed-terminal.ts";
import { processIo } from "./io.ts";
import { runCommand } from "./run-command.ts";

letGoOfClosedTerminals();
lookInWorkingDirectory();
// Not awaited: all commands are in the same file when it is bundled, and below this one.
void runCommand(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
});
