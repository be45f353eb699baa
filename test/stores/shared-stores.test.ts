import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeEach, describe, expect, test } from "vitest";
import { SharedStores } from "../../src/stores/shared-stores.ts";
import { acquireRequest, request } from "../support/requests.ts";
import { ScriptedStore } from "../support/scripted-store.ts";

const URL = "redis://127.0.0.1";

/** A store that counts how often it is closed. */
class ClosedStore extends ScriptedStore {
  closes = 0;
  checkTtl(): void {}
  async keys(): Promise<string[]> {
    return [];
  }
  override async close(): Promise<void> {
    this.closes += 1;
  }
}

let stores: SharedStores;
let made: ClosedStore[];
beforeEach(() => {
  stores = new SharedStores();
  made = [];
});

const make = () => {
  const store = new ClosedStore();
  made.push(store);
  return store;
};
const share = (servers: readonly unknown[] = [URL], settings: object = {}) =>
  stores.share(servers, settings, make);

describe("which electors share a store", () => {
  test("those with the same client, URL or list of them, and the same settings", () => {
    const client = {};
    for (const servers of [[client], [URL], [URL, client]]) {
      const before = made.length;
      for (let count = 0; count < 3; count += 1) share(servers, { quarantine: 5000 });
      expect(made.length - before).toBe(1);
    }
  });

  test("not those with another client, URL, order or setting", () => {
    const [one, other] = [{}, {}];
    const lists = [
      [one, other],
      [other, one],
      [one, URL],
      [URL, one],
    ];
    const different = [[one], [other], [URL], ["1"], ...lists];
    const shares = different.map((servers) => share(servers));
    shares.push(share([one], { quarantine: 5000 }), share([one], { quarantine: 5001 }));
    expect(made).toHaveLength(shares.length);
  });

  test("a share of a store without hints has none either, so its elector looks more often", () => {
    const blind = stores.share([URL], {}, () => Object.assign(make(), { watch: undefined }));
    expect(blind.watch).toBeUndefined();
    expect(share([URL], { quarantine: 5000 }).watch).toBeDefined();
  });

  test("a store that cannot be made is not kept", () => {
    const fail = () => {
      throw new Error("no such store");
    };
    expect(() => stores.share([URL], {}, fail)).toThrow("no such store");
    share();
    expect(made).toHaveLength(1);
  });
});

describe("when a shared store is closed", () => {
  test.each([
    ["acquire", (store: ReturnType<typeof share>) => void store.acquire(acquireRequest("job"))],
    ["read", (store: ReturnType<typeof share>) => void store.read(request("job"))],
    ["watch", (store: ReturnType<typeof share>) => store.watch?.("job", () => {})()],
  ])("with the last share that is in use, which %s makes it", async (_, use) => {
    const [first, second, idle] = [share(), share(), share()];
    use(first);
    use(second);
    await first.close();
    await first.close();
    await idle.close();
    expect(made[0]?.closes).toBe(0);
    await second.close();
    expect(made[0]?.closes).toBe(1);
  });

  test("a share that is used again after its close keeps it open once more", async () => {
    const [first, second] = [share(), share()];
    void first.read(request("job"));
    await first.close();
    void first.read(request("job"));
    void second.read(request("job"));
    await second.close();
    expect(made[0]?.closes).toBe(1);
    await first.close();
    expect(made[0]?.closes).toBe(2);
  });

  test("requests of another share are not touched by a close", async () => {
    const [first, second] = [share(), share()];
    void first.read(request("job"));
    const read = second.read(request("job"));
    await first.close();
    made[0]?.reads[1]?.answer(undefined);
    expect(await read).toBeUndefined();
  });
});

describe("what is kept", () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const until = async (isDone: () => boolean) => {
    await expect
      .poll(() => {
        collect();
        return isDone();
      })
      .toBe(true);
  };

  test("nothing of a store that no elector uses, however many were made", async () => {
    const before = process.memoryUsage().heapUsed;
    const refs: WeakRef<object>[] = [];
    for (let count = 0; count < 1000; count += 1) {
      // The names alone would be 100 MB.
      share([`${URL}/${count}/${"long".repeat(25_000)}`]);
      refs.push(new WeakRef(made.pop() ?? {}));
    }
    await until(() => refs.every((ref) => ref.deref() === undefined));
    await until(() => process.memoryUsage().heapUsed - before < 20e6);
  });

  test("a store in use, even if its elector was dropped and not stopped", async () => {
    void share().read(request("job"));
    share(["redis://elsewhere"]);
    const [used, unused] = made.map((store) => new WeakRef(store));
    made = [];
    await until(() => unused?.deref() === undefined);
    expect(used?.deref()).toBeDefined();
    share();
    expect(made).toEqual([]);
  });

  test("nothing of a store whose last share was closed", async () => {
    const useAndClose = async () => {
      const used = share();
      used.watch?.("job", () => {})();
      await used.close();
    };
    await useAndClose();
    const ref = new WeakRef(made.pop() ?? {});
    await until(() => ref.deref() === undefined);
  });
});
