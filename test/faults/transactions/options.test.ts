import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("all databases but MySQL have 100 rounds, by a seed of their own, unless the command line says otherwise", () => {
  const { seed, ...others } = parseOptions([]);
  expect(others).toEqual({
    databases: ["postgres", "mariadb", "sqlite"],
    ...{ rounds: 100, ttl: 600, guard: "fence" },
  });
  expect(seed).toBeLessThan(2 ** 32);
  const given = "--store postgres --store mysql --rounds 7 --seed 3 --ttl 200 --guard check";
  expect(parseOptions(given.split(" "))).toEqual({
    databases: ["postgres", "mysql"],
    ...{ rounds: 7, seed: 3, ttl: 200, guard: "check" },
  });
});

test.each([
  ["--store redis", "--store must be one of postgres, mariadb, mysql, sqlite; got redis"],
  ["--rounds 0", "--rounds must be a whole number from 1"],
  ["--ttl 99", "--ttl must be a whole number from 100"],
  ["--guard half", "--guard must be one of fence, check, none; got half"],
  ["--guard check --store sqlite", "--guard check needs --store postgres, mariadb or mysql"],
])("%s is refused", (args, message) => {
  expect(() => parseOptions(args.split(" "))).toThrow(message);
});
