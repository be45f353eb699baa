import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Workshop } from "../cli/incumbent.ts";
import { root } from "../tidy/source.ts";
import { readProjectFile } from "./declarations.ts";
import { codeBlocksOf } from "./markdown.ts";

const blocks = codeBlocksOf(readProjectFile("docs/guide/one-job-once-per-occasion.md"));

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
  symlinkSync(join(root, "node_modules"), workshop.path("node_modules"));
  const job = blocks.find(({ info }) => info === "js")?.code ?? "";
  writeFileSync(workshop.path("report.mjs"), job.replace("app.db", workshop.path("app.db")));
});
afterEach(() => workshop.close());

/** What a crontab of the page has, on one of the hosts. */
const fire = (patience: string[], ...command: string[]) =>
  workshop.start("run", "--key", "report", ...patience, "--", ...command);

test("the page uses --try and --wait as the command has them", () => {
  const lines = blocks.filter(({ info }) => info === "sh").map(({ code }) => code);
  expect(lines).toEqual([
    expect.stringContaining("--try -- ./report"),
    expect.stringContaining("--wait 1h -- node report.mjs"),
  ]);
});

test("three hosts that fire together do the work of an occasion once, and the next one again", async () => {
  const report = ["node", workshop.path("report.mjs")];
  for (const day of ["2026-11-26", "2026-11-27"]) {
    const hosts = [1, 2, 3].map(() => fire(["--wait", "25s"], ...report, day));
    expect(await Promise.all(hosts.map((host) => host.ended()))).toEqual([0, 0, 0]);
    const said = hosts.map(({ out }) => out.trim()).sort();
    expect(said).toEqual([`${day} done`, `${day} was done before`, `${day} was done before`]);
  }
  const database = new Database(workshop.path("app.db"));
  const reports = database.prepare("SELECT text FROM reports").pluck().all();
  database.close();
  expect(reports).toEqual(["the report of 2026-11-26", "the report of 2026-11-27"]);
});

test("a host whose job dies half way is followed by one that does the work", async () => {
  const dying = fire([], "sh", "-c", "echo began; exec sleep 60");
  await dying.says("began");
  const next = fire(["--wait", "25s"], "node", workshop.path("report.mjs"), "2026-11-26");
  await next.says("leader changed");
  dying.process.kill("SIGKILL");
  expect(await next.ended()).toBe(0);
  expect(next.out).toBe("2026-11-26 done\n");
});

test("with --try alone a job that is shorter than the hosts fire apart runs again", async () => {
  for (const host of ["first", "second"]) {
    const fired = fire(["--try"], "echo", host);
    expect(await fired.ended()).toBe(0);
    expect(fired.out).toBe(`${host}\n`);
  }
});
