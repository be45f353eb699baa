import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Report } from "../../src/cli/dashboard/report.ts";
import { script } from "../../src/cli/dashboard/script.ts";
import { type Incumbent, Workshop } from "./incumbent.ts";
import { Terminal } from "./terminal.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const lead = (key: string, ...options: string[]) =>
  workshop.start(
    "run",
    "--key",
    key,
    "--ttl",
    "5s",
    ...options,
    "--",
    "sh",
    "-c",
    "echo up; sleep 60",
  );

async function urlOf(started: Incumbent): Promise<string> {
  return (await started.says(/is at http:\S+\n/)).slice("is at ".length).trim();
}

async function reportAt(url: string): Promise<Report> {
  const response = await fetch(`${url}/elections.json`);
  return (await response.json()) as Report; // The dashboard made it.
}

describe("incumbent dashboard", () => {
  test("serves who leads and every change since, without a nonce or a password", async () => {
    const first = lead("job", "--node-id", "one", "--metadata", "http://user:hush@10.0.0.7");
    await first.says("up");
    const dashboard = workshop.start("dashboard");
    const url = await urlOf(dashboard);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await expect.poll(async () => (await reportAt(url)).elections[0]?.leader?.nodeId).toBe("one");
    first.process.kill("SIGTERM");
    await expect
      .poll(async () => (await reportAt(url)).elections[0]?.leader, { timeout: 10_000 })
      .toBe(null);
    const second = lead("another", "--node-id", "two");
    await second.says("up");
    await expect
      .poll(async () => (await reportAt(url)).elections.length, { timeout: 10_000 })
      .toBe(2);
    const report = await reportAt(url);
    const job = report.elections.find(({ key }) => key === "job");
    expect(job?.changes.map(({ leader }) => leader?.nodeId ?? null)).toEqual(["one", null]);
    expect(job?.changes[0]?.leader?.metadata).toBe("http://user:***@10.0.0.7");
    const page = await (await fetch(url)).text();
    for (const text of [JSON.stringify(report), page]) expect(text).not.toMatch(/hush/);
    expect(Object.keys(job?.changes[0]?.leader ?? {})).toEqual([
      "nodeId",
      "token",
      "since",
      "expiresInMs",
      "metadata",
    ]);
    dashboard.process.kill("SIGINT");
    expect(await dashboard.ended()).toBe(130);
  });

  test("lets no request change anything, and answers a page of another name with 421", async () => {
    await lead("job").says("up");
    const url = await urlOf(workshop.start("dashboard"));
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect((await fetch(url, { method })).status, method).toBe(405);
    }
    const { request } = await import("node:http");
    const foreign = await new Promise((resolve) => {
      request(url, { headers: { host: "evil.example" } }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(foreign).toBe(421);
    const policy = /content-security-policy" content="([^"]*)"/.exec(
      await (await fetch(url)).text(),
    )?.[1];
    expect(policy).toMatch(/^default-src 'none'; connect-src 'self'; .*script-src 'nonce-/);
  });

  test("has a script that parses, and never makes HTML of a text", () => {
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write/);
  });
});

describe("incumbent status --watch", () => {
  test("prints a line for each change of every election if it is not on a terminal", async () => {
    await lead("a", "--node-id", "one").says("up");
    const watching = workshop.start("status", "--watch");
    await watching.says(/a: one token \d{16}\n/);
    await lead("b", "--node-id", "two").says("up");
    await watching.says(/b: two token \d{16}\n/);
    watching.process.kill("SIGTERM");
    expect(await watching.ended()).toBe(143);
    expect(watching.out).not.toContain("\u001b");
  });

  test("prints JSON lines with --json", async () => {
    await lead("a", "--node-id", "one").says("up");
    const watching = workshop.start("status", "a", "--watch", "--json");
    await watching.says("one");
    expect(JSON.parse(watching.out)).toMatchObject({ key: "a", leader: { nodeId: "one" } });
  });

  test("draws a table in place on a terminal, and ends with 130 at Ctrl-C", async () => {
    const leader = lead("a", "--node-id", "one");
    await leader.says("up");
    const main = new URL("../../dist/cli/main.js", import.meta.url).pathname;
    const command = `'${process.execPath}' '${main}' status --watch --store '${workshop.store}'`;
    const terminal = new Terminal(workshop.path("tmux"), command);
    try {
      await terminal.shows("a: one leads");
      leader.process.kill("SIGTERM");
      await terminal.shows("a: no leader");
      expect(terminal.screen().match(/KEY +LEADER/g)).toHaveLength(1);
      terminal.type("C-c");
      await terminal.shows("ended with 130");
    } finally {
      terminal.close();
    }
  });
});
