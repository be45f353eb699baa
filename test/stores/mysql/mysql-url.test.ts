import { expect, test } from "vitest";
import { readMysqlUrl } from "../../../src/stores/mysql/mysql-url.ts";

test("a URL says where the server is, who connects, and to which database", () => {
  const url = "mysql://app:p%40ss@[::1]:3307/my%20app";
  expect(readMysqlUrl(url).settings).toMatchObject({
    ...{ host: "::1", port: 3307, user: "app", password: "p@ss", database: "my app" },
    ssl: undefined,
  });
  expect(readMysqlUrl("mysql://db").settings).toMatchObject({ host: "db", port: 3306 });
});

test("the scheme says which library is preferred", () => {
  expect(readMysqlUrl("mysql://db/app").libraries).toEqual(["mysql2", "mariadb"]);
  expect(readMysqlUrl("MariaDB://db/app").libraries).toEqual(["mariadb", "mysql2"]);
});

test("every option of the store can be a parameter", () => {
  const query =
    "schema=a&table=b&createTable=false&restartGuard=false&quarantine=5&allowMultiPrimary=true";
  expect(readMysqlUrl(`mysql://db/app?${query}`).options).toEqual({
    ...{ schema: "a", table: "b", createTable: false, restartGuard: false, quarantine: 5 },
    allowMultiPrimary: true,
  });
});

test("with ssl=true, the name in the certificate has to be that of the host", () => {
  const { ssl } = readMysqlUrl("mysql://db/app?ssl=true").settings;
  expect(ssl).toEqual({ verifyIdentity: true });
});

test.each([
  ["postgres://db/app", /begins with mysql:\/\/ or mariadb:\/\//],
  ["mysql://db:99999/app", /port from 1 to 65535/],
  ["mysql://db:0/app", /port from 1 to 65535/],
  ["mysql:///app", /name a host/],
  ["mysql://db/app/more", /end with the name of a database/],
  ["mysql://app:secret@db/app#x", /no fragment/],
  ["mysql://app:secret%@db/app", /written as %25/],
  ["mysql://app:secret@db/app?tabel=x", /did you mean "table"/],
  ["mysql://app:secret@db/app?ssl=maybe", /must be true or false/],
])("%s is refused without its password", (url, text) => {
  expect(() => readMysqlUrl(url)).toThrow(text);
  expect(() => readMysqlUrl(url)).not.toThrow(/secret/);
});
