import { expect, test } from "vitest";
import { quorumSettings } from "../../../src/stores/redis-quorum/quorum-settings.ts";

test.each([[[]], ["redis://10.0.0.1"]])("%j is no list of servers", (servers) => {
  const given = servers as readonly unknown[]; // Wrong on purpose.
  expect(() => quorumSettings(given, {})).toThrow(
    /^servers must be a list of at least one client or URL; got .* Example: the URLs of three servers\.$/,
  );
});

test("one server is enough, and its URL may have options", () => {
  expect(quorumSettings(["redis://10.0.0.1?restartGuard=false"], {})).toMatchObject({
    restartGuard: false,
  });
});
