// Explores small elections to the end: everything that can happen, in every order. `npm run exhaustive -- --help`.

import { explore } from "../build/simulation/exhaustive/explore.js";
import { instances } from "../build/simulation/exhaustive/instances.js";
import { replay, say } from "../build/simulation/exhaustive/transcript.js";
import { readArgs, runScript } from "./command-line.mjs";

const usage = `npm run exhaustive -- [--small] [--json]

  --small  only the instances that the tests explore; the large ones take minutes
  --json   one JSON object a line

Exits with 1 if something was violated or not everything was tried.`;

const counted = (number) => number.toLocaleString("en");

await runScript(usage, (args) => {
  const { small, json } = readArgs(args, {
    small: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  }).values;
  const chosen = small ? instances.small : [...instances.small, ...instances.large];
  const proven = chosen.filter((instance, index) => {
    const place = `${index + 1}/${chosen.length} ${instance.name}`;
    const { counterExample, ...counts } = exploreAloud(instance, place);
    report(instance, counts, counterExample, json);
    return counts.exhausted && counterExample === undefined;
  });
  if (!json) {
    console.log(`${proven.length} of ${chosen.length} explored to the end, without a violation`);
  }
  return proven.length === chosen.length ? 0 : 1;
});

/** With its progress on stderr. */
function exploreAloud(instance, place) {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const onProgress = (states, waiting) => {
    const rate = counted(Math.round(states / seconds()));
    const line = `${place}: ${counted(states)} states, ${counted(waiting)} waiting, ${rate}/s`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
  const result = explore(instance, { onProgress });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return { ...result, seconds: seconds() };
}

function report(instance, counts, counterExample, json) {
  const transcript = counterExample && replay(instance, counterExample.actions.map(say)).transcript;
  const violation = counterExample?.violation ?? null;
  if (json) {
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
