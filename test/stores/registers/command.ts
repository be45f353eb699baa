import { expect, test } from "vitest";
import { runCommand } from "../../../src/cli/run-command.ts";
import type { LeaseStore } from "../../../src/stores/lease-store.ts";
import { acquireRequest } from "../../support/requests.ts";

/** The command must find the store that this URL names. */
export function checkCommand(url: () => string, open: (url: string) => LeaseStore): void {
  test("incumbent status shows the leader", async () => {
    const store = open(url());
    try {
      const wish = acquireRequest("office", { nodeId: "ada", ttl: 60_000 });
      expect(await store.acquire(wish)).toMatchObject({ granted: true });
    } finally {
      await store.close();
    }
    let text = "";
    const write = (more: string) => {
      text += more;
    };
    const output = { isTerminal: false, write };
    const openLog = () => ({ ...output, close: async () => {} });
    const args = ["status", "office", "--json", "--store", url()];
    await runCommand(args, { env: {}, out: output, err: output, openLog });
    expect(JSON.parse(text)).toMatchObject({ key: "office", leader: { nodeId: "ada" } });
  });
}
