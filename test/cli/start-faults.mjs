// Loaded into `incumbent run` before its own code, to have a process killed just when another one has started.
//
// FAULT=run kills the run with SIGKILL right after it has started the program that names the file in STARTS,
// but gives that program half a second to make this file. FAULT=guard kills the first guard, and goes on
// when it is dead.

import childProcess from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { FAULT: fault, STARTS: file } = process.env;
const { spawn } = childProcess;
let guards = 0;

function wait(isOver, atMost) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < atMost && !isOver(); waited += 10) Atomics.wait(cell, 0, 0, 10);
}

childProcess.spawn = (program, args, options) => {
  const child = spawn(program, args, options);
  const line = JSON.stringify([program, args]);
  if (process.argv[2] !== "run") return child;
  if (fault === "run" && line.includes(file)) {
    writeFileSync(`${file}.pid`, String(child.pid));
    wait(() => existsSync(file), 500);
    process.kill(process.pid, "SIGKILL");
  }
  if (fault === "guard" && line.includes("guard-process.js") && guards++ === 0) {
    child.kill("SIGKILL");
    wait(() => / Z /.test(readFileSync(`/proc/${child.pid}/stat`, "latin1")), 10_000);
  }
  return child;
};
syncBuiltinESMExports();
