import { describe, expect, test } from "vitest";
import { sqlSettings } from "../../../src/stores/sql/sql-options.ts";
import { sqlParameters } from "../../../src/stores/sql/sql-parameters.ts";
import { readParameters } from "../../../src/stores/url-parameters.ts";

test("without options the tables are those of the connection's schema, and are made", () => {
  expect(sqlSettings({})).toEqual({
    ...{ schema: undefined, table: "incumbent_elections", createTable: true },
    ...{ restartGuard: true, quarantine: undefined },
  });
});

test("the options are taken as they are given, in code and in a URL", () => {
  const options = {
    ...{ schema: "billing", table: "Leases_2-$", createTable: false },
    ...{ restartGuard: false, quarantine: 15_000 },
  };
  expect(sqlSettings(options)).toEqual(options);
  const query =
    "schema=billing&table=Leases_2-$&createTable=false&restartGuard=false&quarantine=15000";
  expect(readParameters(query, sqlParameters)).toEqual(options);
});

test("an option of the store itself may stand beside them, and no other", () => {
  const options: object = { bells: 5 };
  expect(() => sqlSettings(options, ["bells"])).not.toThrow();
  expect(() => sqlSettings({ tabel: "x" } as object)).toThrow('did you mean "table"?');
  const none = null as unknown as object; // Wrong on purpose.
  expect(() => sqlSettings(none)).toThrow('Example: { table: "incumbent_elections" }.');
  expect(() => sqlSettings({ createTable: 1 } as object)).toThrow("createTable must be true or");
});

describe("a name", () => {
  test.each(["a", "_", "A9", "x".repeat(48)])("may be %s", (table) => {
    expect(sqlSettings({ table }).table).toBe(table);
  });

  test.each(["", "1a", "a b", 'a"', "a\n", "ä", "x".repeat(49), 5, [["abc"]]])(
    "of a table is not %j",
    (table) => {
      expect(() => sqlSettings({ table } as object)).toThrow(
        /^table must be a name of at most 48 letters, digits, _, \$ and -, and not begin with a digit; .*Example: "incumbent_elections"\.$/,
      );
    },
  );

  test("of a schema may have 60 letters", () => {
    const schema = "x".repeat(60);
    expect(sqlSettings({ schema }).schema).toBe(schema);
    expect(() => sqlSettings({ schema: `${schema}x` })).toThrow(
      /^schema must be a name of at most 60 .*Example: "billing"\.$/,
    );
  });
});

test.each([
  ["schema=", "Example: billing."],
  ["table=", "Example: incumbent_elections."],
  ["quarantine=soon", "Example: 15000."],
  ["createTable=maybe", "must be true or false"],
  ["restartGuard=maybe", "must be true or false"],
])("a URL with %s shows what is possible", (query, text) => {
  expect(() => readParameters(query, sqlParameters)).toThrow(text);
});
