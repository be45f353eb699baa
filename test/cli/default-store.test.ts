import { afterEach, describe, expect, test, vi } from "vitest";
import { defaultStore } from "../../src/cli/default-store.ts";

const os = vi.hoisted(() => ({ homedir: (): string => "/home/me" }));
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  homedir: () => os.homedir(),
}));
afterEach(() => {
  os.homedir = () => "/home/me";
});

describe("the default store", () => {
  test.each([
    [{}, "sqlite:/home/me/.local/state/incumbent/leases.db"],
    [{ XDG_STATE_HOME: "/state" }, "sqlite:/state/incumbent/leases.db"],
    [{ XDG_STATE_HOME: "relative" }, "sqlite:/home/me/.local/state/incumbent/leases.db"],
    [{ XDG_STATE_HOME: "" }, "sqlite:/home/me/.local/state/incumbent/leases.db"],
  ])("with %j is a file of the user's", (env, url) => {
    expect(defaultStore(env)).toBe(url);
  });

  test.each<[string, () => string]>([
    [
      "fails to be found",
      () => {
        throw new Error("uv_os_homedir returned ENOENT");
      },
    ],
    ["is empty", () => ""],
    ["is relative", () => "me"],
  ])("is refused by the name of the option when the home directory %s", (_, homedir) => {
    os.homedir = homedir;
    expect(() => defaultStore({})).toThrow(/^--store is required: this user has no home/);
    expect(defaultStore({ XDG_STATE_HOME: "/state" })).toBe("sqlite:/state/incumbent/leases.db");
  });
});
