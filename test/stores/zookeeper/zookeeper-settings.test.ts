import { describe, expect, test } from "vitest";
import { zookeeperSettings } from "../../../src/stores/zookeeper/zookeeper-settings.ts";
import { ZookeeperStore } from "../../../src/zookeeper.ts";

describe("refused by name", () => {
  test.each([
    ["zookeeper://", /must name hosts/],
    ["zookeeper://a:0", /must name hosts/],
    ["zookeeper://a,b:99999", /must name hosts/],
    ["zookeeper://a//b", /must have a path of letters, digits and -_\.:=/],
    ["zookeeper://a/b%20c", /must have a path of letters/],
    ["zookeeper://a/b/../c", /must have no \. and \.\. in it/],
    ["zookeeper://a/zookeeper", /must not be in \/zookeeper/],
    ["zookeeper://a#b", /must have no fragment/],
    ["zookeeper://%zz@a", /must have % in user and password written as %25/],
    ["http://a", /must be a URL that begins with zookeeper:\/\//],
    ["zookeeper://a?prefix=x//y", /^prefix must consist of letters, digits and -_\.:=/],
    ["zookeeper://a?prefixx=x", /did you mean "prefix"/],
    ["zookeeper://a?tls=yes", /^parameter "tls" must be true or false/],
    ["zookeeper://app@a", /^user must be given together with the other of user and password/],
    ["zookeeper://a?caFile=ca.crt", /^caFile must be given together with tls: true/],
  ])("%s", (url, message) => {
    expect(() => new ZookeeperStore(url)).toThrow(message);
  });

  test.each([
    [{ root: "/x" }, /option "root" is not known/],
    [{ prefix: "/x" }, /^prefix must consist of letters, digits and -_\.:= with single \//],
    [{ restartGuard: 1 }, /^restartGuard must be true or false; got 1/],
    [{ tls: "yes" }, /^tls must be true or false; got "yes"/],
    [{ password: "hush" }, /^password must be given together .*got "\*\*\*"/],
    [{ user: "a:b", password: "hush" }, /^user must have no colon/],
    [{ user: "a", password: 5 }, /^password must be a string of 1 to 4096 .*got "\*\*\*"/],
    [{ tls: true, certFile: "c" }, /^certFile must be given together with the other/],
    [{ tls: true, keyFile: "k" }, /^keyFile must be given together with the other/],
    [{ tls: true, caFile: "none.crt" }, /^caFile must name a file that can be read \(ENOENT\)/],
  ])("the options %j", (options, message) => {
    // As JavaScript may pass them.
    expect(() => new ZookeeperStore("zookeeper://a", options as object)).toThrow(message);
  });

  test("something that is no URL", () => {
    // As JavaScript may pass it.
    expect(() => new ZookeeperStore({} as string)).toThrow(/^store must be a URL/);
  });
});

test("a URL and options say together where the elections are", () => {
  const url = "zookeeper://app:s3cret@a,[::1]:2182/x/y?tls=true";
  expect(zookeeperSettings(url, { prefix: "p", restartGuard: false })).toEqual({
    ...{ servers: ["a:2181", "[::1]:2182"], root: "/x/y/p", user: "app", password: "s3cret" },
    restartGuard: false,
    tls: { ca: undefined, cert: undefined, key: undefined },
  });
  expect(() => zookeeperSettings(url, { user: "other" })).toThrow(/user must be the same/);
});
