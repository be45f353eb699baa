import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { helpOf, variableOf } from "../../src/cli/command-spec.ts";
import { specs } from "../../src/cli/commands.ts";
import { startRedis } from "../support/redis-server.ts";
import { Incumbent, Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const sleeper = (key: string, ...options: string[]) =>
  workshop.start(
    "run",
    "--key",
    key,
    "--node-id",
    `leader-of-${key}`,
    ...options,
    "--",
    "sh",
    "-c",
    "echo up; sleep 60",
  );

describe("incumbent status", () => {
  test("prints the leader of one election, or of all, in a table", async () => {
    await sleeper("b", "--metadata", "http://me:hush@here").says("up");
    await sleeper("a").says("up");
    const all = workshop.start("status");
    expect(await all.ended()).toBe(0);
    const [heading, a, b] = all.out.split("\n");
    expect(heading).toMatch(/^KEY +LEADER +TOKEN +SINCE +EXPIRES IN +METADATA$/);
    expect(a).toMatch(/^a +leader-of-a +\d{16} +20\d\d-.*Z +\d\.\d s$/);
    expect(b).toMatch(/^b +leader-of-b .* http:\/\/me:\*{3}@here$/);
    const none = workshop.start("status", "nobody");
    expect(await none.ended()).toBe(0);
    expect(none.out).toMatch(/nobody +\(none\)/);
  });

  test("prints one JSON object per line with --json", async () => {
    await sleeper("a", "--metadata", "http://me:hush@here").says("up");
    const one = workshop.start("status", "a", "--json");
    await one.ended();
    const { key, leader, at } = JSON.parse(one.out);
    expect(key).toBe("a");
    expect(leader).toMatchObject({ nodeId: "leader-of-a", metadata: "http://me:***@here" });
    expect(leader.token).toBeGreaterThan(1e15);
    expect(leader.expiresInMs).toBeGreaterThan(0);
    expect(Date.parse(leader.since)).toBeLessThanOrEqual(Date.parse(at));
    const none = workshop.start("status", "nobody", "--json");
    await none.ended();
    expect(JSON.parse(none.out)).toMatchObject({ key: "nobody", leader: null });
  });

  test("creates nothing: a missing file or directory is an error", async () => {
    for (const path of [workshop.path("typo.db"), workshop.path("typo/leases.db")]) {
      for (const operands of [[], ["a"]]) {
        const mistyped = workshop.start("status", ...operands, "--store", `sqlite:${path}`);
        expect(await mistyped.ended()).toBe(64);
        expect(mistyped.err).toContain("store must name an existing file");
        expect(mistyped.err).toContain(path);
      }
    }
    expect(readdirSync(workshop.directory)).toEqual([]);
  });

  test("exits 69 if the store does not answer, and reports the error", async () => {
    const lost = workshop.start("status", "a", "--store", "redis://:hush@127.0.0.1:1");
    expect(await lost.ended()).toBe(69);
    expect(lost.err).toContain("ECONNREFUSED 127.0.0.1:1");
    expect(lost.err).not.toContain("hush");
  });

  test("finds the leader on several servers, and without a majority reports which failed, and how", async () => {
    const servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
    onTestFinished(() => Promise.all(servers.map((server) => server.stop())).then(() => {}));
    await Promise.all(servers.map((server) => server.settle()));
    const store = servers.map(({ url }) => url).join(",");
    await sleeper("a", "--store", store, "--ttl", "60s").says("up");
    const one = workshop.start("status", "a", "--store", store);
    expect(await one.ended()).toBe(0);
    expect(one.out).toContain("leader-of-a");
    await servers[1]?.kill();
    const all = workshop.start("status", "--store", store, "--json");
    expect(await all.ended()).toBe(0);
    expect(JSON.parse(all.out)).toMatchObject({ key: "a", leader: { nodeId: "leader-of-a" } });
    await servers[2]?.kill();
    const none = workshop.start("status", "a", "--store", store);
    expect(await none.ended()).toBe(69);
    const [a, b, c] = servers.map(({ port }) => `127.0.0.1:${port}`);
    expect(none.err).toMatch(`2 of 3 Redis servers are needed: ${a}: held by leader-of-a for `);
    expect(none.err).toContain(`; ${b}: connection refused; ${c}: connection refused.`);
  });
});

describe("incumbent watch", () => {
  test("prints one line per change, and exits 130 on SIGINT", async () => {
    const watching = workshop.start("watch", "a");
    await watching.says(/a: no leader\n/);
    const leader = sleeper("a");
    await watching.says(/a: leader-of-a token \d{16}\n/);
    leader.process.kill("SIGTERM");
    await watching.says(/leader-of-a.*\n.*a: no leader\n/);
    watching.process.kill("SIGINT");
    expect(await watching.ended()).toBe(130);
    expect(watching.out.trim().split("\n")).toHaveLength(3);
  });

  test("with --json prints one object per line", async () => {
    const watching = workshop.start("watch", "a", "--json");
    await watching.says("null");
    expect(JSON.parse(watching.out)).toMatchObject({ key: "a", leader: null });
  });
});

describe("incumbent reports a usage error, and exits 64", () => {
  test.each([
    [["stats"], "Unknown command stats. Did you mean status?"],
    [["status", "a", "--jsno"], "Unknown option --jsno. Did you mean --json?"],
    [["status", "a", "b"], "status takes only one KEY"],
    [["watch"], "watch takes exactly one KEY"],
    [["status", "a", "--store", "mongodb://x"], "redis://HOST"],
    [["status", "a", "--store", "sqlite:"], 'must name a file after "sqlite:"'],
    [["status", "a", "--store", "redis://host/x"], "must end with the number of a database"],
    [["status", "a", "--store"], "--store needs a value"],
    [["status", "a", "--store", "redis://a,redis://a"], "must be different servers"],
    [["status", "a", "--store", "redis://:hush@a,sqlite:b"], "must be a URL with a host"],
    [["demo", "--store", "memory:"], "A memory: store lives in one process"],
    [["demo", "--servers", "2"], "--servers must be a whole number from 3 to 9; got 2."],
    [["completion", "tcsh"], "Unknown shell tcsh"],
  ])("%j", async (args, complaint) => {
    const started = workshop.start(...args);
    expect(await started.ended()).toBe(64);
    expect(started.err).toContain(complaint);
  });

  test("and names the environment variable of an option", async () => {
    const line = 'INCUMBENT_TTL=5 exec "$@"';
    const started = workshop.shell(line, "run", "--key", "job", "--", "true");
    expect(await started.ended()).toBe(64);
    expect(started.err).toMatch(/^incumbent: INCUMBENT_TTL must be a duration such as 500ms/);
  });

  test("and asks a user without a home directory for --store", async () => {
    for (const home of ["HOME=", "HOME=relative"]) {
      const line = `unset INCUMBENT_STORE XDG_STATE_HOME; ${home} exec "$@"`;
      const started = workshop.shell(line, "status");
      expect(await started.ended()).toBe(64);
      expect(started.err).toMatch(/^incumbent: --store is required: this user has no home/);
    }
  });

  test("with its help on standard error if there are no arguments", async () => {
    const silent = new Incumbent([]);
    expect(await silent.ended()).toBe(64);
    expect(silent.err).toContain("incumbent run");
  });
});

describe("the help", () => {
  test("exists for every command, and goes to standard output", async () => {
    for (const spec of await specs()) {
      const asked = workshop.start(spec.name, "--help");
      expect(await asked.ended()).toBe(0);
      expect(asked.out).toBe(helpOf(spec));
    }
  });

  test("lists every option, and so does docs/reference/cli.md, with its variable", async () => {
    const page = readFileSync(new URL("../../docs/reference/cli.md", import.meta.url), "utf8");
    for (const spec of await specs()) {
      expect(page).toContain(`## incumbent ${spec.name}`);
      for (const option of Object.keys(spec.options)) {
        expect(helpOf(spec)).toContain(`--${option}`);
        expect(page, `${spec.name} --${option}`).toContain(`--${option}`);
        if (option !== "help") expect(page).toContain(variableOf(option));
      }
    }
  });

  test("the version is that of the package", async () => {
    const asked = new Incumbent(["--version"]);
    expect(await asked.ended()).toBe(0);
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(asked.out).toBe(`${version}\n`);
  });
});

describe("completion", () => {
  test("for bash completes commands and their options", async () => {
    const script = workshop.start("completion", "bash");
    await script.ended();
    const ask = (...words: string[]) =>
      execFileSync("bash", [
        "-c",
        `${script.out}
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
        _incumbent incumbent '${words.at(-1)}'; echo "\${COMPREPLY[*]}"`,
      ])
        .toString()
        .trim();
    expect(ask("incumbent", "st")).toBe("status");
    expect(ask("incumbent", "run", "--gr")).toBe("--grace");
    expect(ask("incumbent", "watch", "--j")).toBe("--json");
  });

  test("for fish completes commands and their options", async () => {
    const script = workshop.start("completion", "fish");
    await script.ended();
    writeFileSync(workshop.path("incumbent.fish"), script.out);
    const ask = (line: string) =>
      execFileSync("fish", [
        ...["--no-config", "-c"],
        `source ${workshop.path("incumbent.fish")}; complete -C '${line}'`,
      ])
        .toString()
        .split("\n")
        .map((row) => row.split("\t")[0])
        .filter((word) => word !== "");
    expect(ask("incumbent st")).toEqual(["status"]);
    expect(ask("incumbent run --gr")).toEqual(["--grace"]);
    expect(ask("incumbent watch --j")).toEqual(["--json"]);
    expect(ask("incumbent status --gr")).toEqual([]);
  });

  test("for zsh completes commands and their options", async () => {
    const script = workshop.start("completion", "zsh");
    await script.ended();
    writeFileSync(workshop.path("_incumbent"), script.out);
    const lines = [
      "incumbent st",
      "incumbent run --gr",
      "incumbent watch --j",
      "incumbent status --gr",
    ];
    const { stdout } = spawnSync("zsh", ["-f", "-c", typing, "zsh", workshop.directory, ...lines], {
      encoding: "utf8",
      timeout: 60_000,
    });
    const given = [...stdout.matchAll(/<(.*)>/g)].map(([, words]) => words?.trim());
    expect(given).toEqual(["status", "run --grace", "watch --json", "status --gr"]);
  }, 90_000);
});

/**
 * A shell in a terminal of its own. Each line is typed, then the tab key and the return key; what the command
 * was given comes back between angle brackets.
 */
const typing = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D; setopt no_beep"
zpty -w shell 'incumbent() { print -r -- "<""$*"">" }; print re""ady'
zpty -r -m shell seen '*ready*'
for line in "\${@:2}"; do
  zpty -w -n shell "$line"$'\\t'$'\\n'
  zpty -r -m shell seen '*<*>*'
  print -r -- "$seen"
done
zpty -d shell
`;
