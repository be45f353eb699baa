import { describe, expect, test } from "vitest";
import { openStore } from "../../../../src/cli/open-store.ts";
import { readSentinelUrl } from "../../../../src/stores/redis/url/sentinel-url.ts";

const three = "10.0.0.1:26379,10.0.0.2,[::1]:26380";

describe("G7: the URL of a primary behind Sentinel", () => {
  test("names the Sentinels, the primary and its database, and how to reach each", () => {
    const url = `redis+sentinel://app:p%40ss@${three}/my%20primary/3?family=4&connectionName=billing`;
    const { name, sentinels, placeOf } = readSentinelUrl(url);
    expect(name).toBe("my primary");
    expect(sentinels.map(({ href }) => href)).toEqual([
      "redis://10.0.0.1:26379",
      "redis://10.0.0.2:26379",
      "redis://[::1]:26380",
    ]);
    expect(sentinels[0]).toEqual({ href: "redis://10.0.0.1:26379", family: 4 });
    expect(placeOf("10.0.0.9", 6380)).toEqual({
      href: "redis://app:p%40ss@10.0.0.9:6380/3",
      ...{ family: 4, connectionName: "billing" },
    });
    expect(placeOf("::2", 6380).href).toBe("redis://app:p%40ss@[::2]:6380/3");
  });

  test("has a user of their own for the Sentinels, and TLS for all or the servers alone", () => {
    const login = "sentinelUser=look&sentinelPassword=a%2Fb";
    const { sentinels, placeOf } = readSentinelUrl(`rediss+sentinel://h/p?${login}`);
    expect(sentinels[0]?.href).toBe("rediss://look:a%2Fb@h:26379");
    expect(placeOf("h", 1).href).toBe("rediss://h:1/0");
    const mixed = readSentinelUrl("rediss+sentinel://h/p?sentinelTls=false");
    expect(mixed.sentinels[0]?.href).toBe("redis://h:26379");
    expect(mixed.placeOf("h", 1).href).toBe("rediss://h:1/0");
  });

  test("has the options of the store", () => {
    const { options } = readSentinelUrl("redis+sentinel://h/p?restartGuard=false&quarantine=5");
    expect(options).toEqual({ restartGuard: false, quarantine: 5 });
  });

  test.each([
    ["redis+sentinel://h", /must have the name by which Sentinel knows the primary/],
    ["redis+sentinel://h/", /must have the name by which Sentinel knows the primary/],
    ["redis+sentinel://h/p/x", /such as \/primary\/0/],
    ["redis+sentinel://h/p/0/1", /such as \/primary\/0/],
    ["redis+sentinel:///p", /must name hosts, separated by commas/],
    ["redis+sentinel://h,/p", /must name hosts, separated by commas/],
    ["redis+sentinel://h:0/p", /a port from 1 to 65535/],
    ["redis+sentinel://h/p%", /must have % in the name of the primary written as %25/],
    ["redis+sentinel://h/p#1", /no fragment/],
    ["redis+sentinel://u:hush%@h/p", /^(?!.*hush).*must have % in user and password/],
    ["redis+sentinel://u:hush@h", /^(?!.*hush).*must have the name/],
    ["redis+sentinel://h/p?sentinelUser=a", /"sentinelUser" must be given together with/],
    ["redis+sentinel://h/p?sentinelpassword=hush", /^(?!.*hush).*did you mean "sentinelPassword"/],
    [
      "redis+sentinel://h/p?sentinelPassword=hush%ZZ",
      /^(?!.*hush).*every % in a value written as %25/,
    ],
    ["redis+sentinel://h,h:26379/p", /must name each server once, and names h:26379 again/],
    ["redis+sentinel://u:hush@h,u:hush@i/p", /^(?!.*hush).*must have user and password once/],
    ["redis+sentinel://h/p?db=1", /parameter "db" is not known/],
  ])("%s is refused with its rule and an example", async (url, message) => {
    await expect(openStore(url)).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message: expect.stringMatching(message),
    });
    await expect(openStore(url)).rejects.toThrow(/Example: /);
  });

  test.each(["redis+sentinel://h/p", "REDISS+SENTINEL://a,b/p/15"])(
    "%s opens a store, and nothing is connected",
    async (url) => {
      const store = await openStore(url);
      expect(store.traits.name).toBe("redis");
      await store.close();
    },
  );
});
