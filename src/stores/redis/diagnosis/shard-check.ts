import { type Check, note, ok } from "../../diagnosis.ts";
import type { OpenDriver } from "../client/redis-driver.ts";
import { storeErrorOf } from "../client/redis-errors.ts";

/** Whether hints can be received in the shard of a node. Without it they can all the same, from all nodes. */
export function shardCheck(open: OpenDriver, channel: string): Check {
  return {
    name: "shard",
    run: async () => {
      const driver = open({ lost() {} });
      try {
        await driver.connect();
        await driver.subscribeShard?.([channel]);
      } catch (thrown) {
        // That its slot is at another node is said after the rights were looked at.
        const { code, message } = storeErrorOf(thrown);
        const slow = "every hint goes to all nodes of the cluster";
        if (/unknown command/i.test(message)) {
          return [note(`The server does not know SSUBSCRIBE: ${slow}.`, "Use Redis 7 or later.")];
        }
        if (code === "INCUMBENT_STORE_MISCONFIGURED") {
          const remedy = "Grant +ssubscribe, +sunsubscribe and &incumbent:*.";
          return [note(`SSUBSCRIBE is denied: ${slow}.`, remedy)];
        }
      } finally {
        driver.end();
      }
      return [ok("Messages of a shard can be received.")];
    },
  };
}
