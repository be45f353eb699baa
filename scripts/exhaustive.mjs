// Explores small elections to the end: everything that can happen, in every order. Says how many states
// there are, and exits with 1 if something was violated or not everything was tried.
//
//   npm run exhaustive                the large instances too, which takes minutes
//   npm run exhaustive -- --small     those that the tests explore
//   npm run exhaustive -- --json      one JSON object a line

import { parseArgs } from "node:util";
import { explore } from "../dist/simulation/exhaustive/explore.js";
import { instances } from "../dist/simulation/exhaustive/instances.js";
import { replay, say } from "../dist/simulation/exhaustive/transcript.js";

const options = optionsIn(process.argv.slice(2));
const chosen = options.small ? instances.small : [...instances.small, ...instances.large];
const counted = (number) => number.toLocaleString("en");

let failed = 0;
for (const [index, instance] of chosen.entries()) {
  const place = `${index + 1}/${chosen.length} ${instance.name}`;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const onProgress = (states, waiting) => {
    const rate = counted(Math.round(states / seconds()));
    const line = `${place}: ${counted(states)} states, ${counted(waiting)} waiting, ${rate}/s`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
  const { counterExample, ...counts } = explore(instance, { onProgress });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const isProven = counts.exhausted && counterExample === undefined;
  if (!isProven) failed += 1;
  report(instance, { ...counts, seconds: seconds() }, counterExample);
}
if (!options.json)
  console.log(
    `${chosen.length - failed} of ${chosen.length} explored to the end, without a violation`,
  );
process.exitCode = failed === 0 ? 0 : 1;

function report(instance, counts, counterExample) {
  const transcript = counterExample && replay(instance, counterExample.actions.map(say)).transcript;
  const violation = counterExample?.violation ?? null;
  if (options.json) {
    const { name } = instance;
    console.log(JSON.stringify({ name, ...counts, violation, transcript: transcript ?? null }));
    return;
  }
  const { states, steps, depth, exhausted, seconds } = counts;
  const rate = counted(Math.round(states / seconds));
  const end = violation ?? (exhausted ? "explored to the end" : "given up");
  console.log(`${instance.name}: ${end}`);
  console.log(
    `    ${counted(states)} states, ${counted(steps)} steps, depth ${depth}, ${seconds.toFixed(1)} s, ${rate} states/s`,
  );
  if (transcript !== undefined) console.log(transcript);
}

function optionsIn(args) {
  const known = { small: { type: "boolean" }, json: { type: "boolean" } };
  try {
    return parseArgs({ args, options: known }).values;
  } catch (error) {
    console.error(`${error.message} Options: --small, --json.`);
    process.exit(64);
  }
}
