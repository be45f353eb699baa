import { StoreError } from "../../../errors.ts";
import type { Timer } from "../../connections/timer.ts";
import type { Driver, OpenDriver } from "../client/redis-driver.ts";
import type { Primary } from "./sentinel-link.ts";
import { Sentinels } from "./sentinels.ts";

/** Servers that are watched over by Sentinels. */
export interface SentinelDeployment {
  /** By which they know the primary. */
  readonly name: string;
  readonly sentinels: readonly OpenDriver[];
  /** Makes connections to the server that they name. */
  openServer(host: string, port: number): OpenDriver;
}

/**
 * Makes connections to whichever server is the primary. What one of them answers counts only if the
 * Sentinels name this server once more, after the command was sent: a primary that was paused or cut off
 * goes on granting leases after another has taken its place.
 */
export function behindSentinels(deployment: SentinelDeployment, timer: Timer): OpenDriver {
  const sentinels = new Sentinels(deployment.name, deployment.sentinels, timer);
  return (events) => {
    const leave = sentinels.join();
    let isEnded = false;
    let server: { readonly driver: Driver; readonly primary: Primary } | undefined;
    const end = () => {
      isEnded = true;
      leave();
      server?.driver.end();
    };
    const driver = () => {
      if (server === undefined) throw new Error("the connection was lost");
      return server.driver;
    };
    return {
      end,
      connect: async () => {
        try {
          const primary = await sentinels.primary();
          if (isEnded) throw new Error("the connection was closed");
          server = { primary, driver: deployment.openServer(primary.host, primary.port)(events) };
          await server.driver.connect();
        } catch (error) {
          leave();
          throw error;
        }
      },
      send: async (command) => {
        const named = sentinels.primary();
        named.catch(() => {});
        const reply = await driver().send(command);
        const primary = await named;
        if (server !== undefined && isSame(primary, server.primary)) return reply;
        end();
        events.lost();
        throw replaced(primary);
      },
      subscribe: (channels) => driver().subscribe(channels),
      survey: () => sentinels.survey(),
      unsubscribe: (channel) => driver().unsubscribe(channel),
      // Every connection that it consists of was prepared for that.
      unref: () => {},
    };
  };
}

function isSame(one: Primary, other: Primary): boolean {
  return one.host === other.host && one.port === other.port;
}

/** What the former primary did must not be relied upon, and may have to be undone. */
function replaced({ host, port }: Primary): StoreError {
  const detail = `the server is no longer the primary; Sentinel names ${host}:${port}`;
  const message = `Redis Sentinel: ${detail}.`;
  return new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "maybe", detail });
}
