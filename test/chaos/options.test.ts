import { describe, expect, test } from "vitest";
import { parseOptions } from "./options.ts";
import { stores } from "./stores/stores.ts";

describe("the command line of the chaos run", () => {
  test("asks for 300 faults of every kind, and another seed each time, if nothing is said", () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({
      ...{ store: "redis", faults: 300, stages: 1, json: false, plant: "nothing" },
    });
    expect(options.minutes).toBe(Number.POSITIVE_INFINITY);
    expect(options.only).toEqual(stores.redis.faults);
    expect(parseOptions([]).seed).not.toBe(options.seed);
  });

  test("goes by time when minutes are given", () => {
    const options = parseOptions(["--minutes", "2"]);
    expect(options).toMatchObject({ minutes: 2, faults: Number.POSITIVE_INFINITY });
  });

  test("finds faults by the beginnings of their names", () => {
    const { only } = parseOptions(["--only", "restart", "--only", "FLUSHALL"]);
    expect(only).toHaveLength(4);
    expect(only.map(({ name }) => name)).toContain("restart, empty");
  });

  test("draws from the faults of the store that it names", () => {
    expect(parseOptions(["--store", "postgres"])).toMatchObject({ only: stores.postgres.faults });
    expect(() => parseOptions(["--store", "sqlite", "--only", "black hole"])).toThrow("black hole");
  });

  test.each([
    [["--seed", "abc"], "--seed must be a number; got abc"],
    [["--faults", ""], "--faults must be a number"],
    [["--stages", "0"], '--stages must be a whole number from 1, not "0". Default: 1.'],
    [["--minutes", "-1"], "--minutes"],
    [["--only", "earthquake"], "got earthquake"],
    [["--plant", "tree"], "--plant must be stored-flag or no-guard; got tree"],
    [
      ["--store", "oracle"],
      "--store must be one of redis, postgres, mariadb, mysql, sqlite, etcd, nats, zookeeper; got oracle. Example: --store postgres",
    ],
    [["--store", "sqlite", "--plant", "no-guard"], "--plant no-guard needs a store with a guard"],
    [["--what"], "--what"],
  ])("%j is met with what is wrong", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
