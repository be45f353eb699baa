import type { Driver, OpenDriver } from "../client/redis-driver.ts";

/** Connections whose client is only found on the way to the server. The signal is aborted once they are not wanted. */
export function deferred(find: (signal: AbortSignal) => Promise<OpenDriver>): OpenDriver {
  return (events) => {
    let driver: Driver | undefined;
    const ended = new AbortController();
    let isUnref = false;
    const use = <Answer>(ask: (connected: Driver) => Promise<Answer>): Promise<Answer> =>
      driver === undefined ? Promise.reject(new Error("connect ended")) : ask(driver);
    return {
      connect: async () => {
        const open = await find(ended.signal);
        if (ended.signal.aborted) throw new Error("connect ended");
        driver = open(events);
        if (isUnref) driver.unref();
        await driver.connect();
      },
      send: (command) => use((connected) => connected.send(command)),
      subscribe: (channels) => use((connected) => connected.subscribe(channels)),
      unsubscribe: (channel) => use((connected) => connected.unsubscribe(channel)),
      subscribeShard: (channels) => use(async (to) => to.subscribeShard?.(channels)),
      unsubscribeShard: (channel) => use(async (to) => to.unsubscribeShard?.(channel)),
      unref: () => {
        isUnref = true;
      },
      end: () => {
        ended.abort();
        driver?.end();
      },
    };
  };
}
