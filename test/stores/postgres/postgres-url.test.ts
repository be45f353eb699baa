import { expect, test } from "vitest";
import { readPostgresUrl } from "../../../src/stores/postgres/postgres-url.ts";

test("what the store's own options are stays out of the URL for the client library", () => {
  const { href, options } = readPostgresUrl(
    "postgres://app:p%25@db/app?schema=a&sslmode=verify-full&quarantine=5",
  );
  expect(href).toBe("postgres://app:p%25@db/app?sslmode=verify-full");
  expect(options).toMatchObject({ schema: "a", quarantine: 5 });
});

test.each([
  ["mysql://db/app", /begins with postgres:\/\/ or postgresql:\/\//],
  ["postgres://db:0/app", /port from 1 to 65535/],
  ["postgres://app:secret@db,other/app", /URL with one host/],
  ["postgres://app:secret@db:5432,other:5432/app", /URL with one host/],
  ["postgres://db/app/more", /end with the name of a database/],
  ["postgres://app:secret@db/app#x", /no fragment/],
  ["postgres://app:secret%@db/app", /user, password and database written as %25/],
  ["postgres://app:secret@db/50%", /user, password and database written as %25/],
  ["postgres://app:secret@db/app?schema=50%", /every % in a value written as %25/],
  ["postgres://app:secret@db/app?tabel=x", /did you mean "table"/],
])("%s is refused without its password", (url, text) => {
  expect(() => readPostgresUrl(url)).toThrow(text);
  expect(() => readPostgresUrl(url)).not.toThrow(/secret/);
});

test("the path of a socket may have a comma", () => {
  expect(readPostgresUrl("postgres://%2Frun%2Fa,b/app").href).toBe("postgres://%2Frun%2Fa,b/app");
});
