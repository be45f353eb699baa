import { describe, expect, test } from "vitest";
import { asStoreError } from "../src/errors.ts";
import { redact, redactAddress, redactMetadata } from "../src/redact.ts";

describe("an address", () => {
  test.each([
    ["redis://host:6379/0", "redis://host:6379/0"],
    ["redis://[::1]:6379/0?family=6&db=1", "redis://[::1]:6379/0?family=6&db=1"],
    ["sqlite:data/leases.db", "sqlite:data/leases.db"],
    ["billing:scheduler", "billing:scheduler"],
    ["me@host", "me@host"],
  ])("%s has nothing to hide", (address, shown) => expect(redactAddress(address)).toBe(shown));

  test.each([
    "redis://user:hush@host:6379/0",
    "rediss://:hush@host",
    "rediss://hush@host",
    "redis:/user:hush@host",
    "redis:user:hush@host",
    "redis:///user:hush@host",
    "//user:hush@host",
    "://user:hush@host",
    "user:hush@host",
    " redis://user:hush@host",
    "redis://user:hu@hush@host",
    "redis://user:a/b?c#hush@host",
    "redis://user:a hush b@host",
    "redis://us er:hush@host",
    "redis://user:a\nhush@host",
    "redis://user:a\u0000hush@host",
    "user:a hush@host",
    "redis://user%3Ahush@host",
    "redis://user%3ahush%40host@other",
    "redis://user:hush%40host",
    "redis://user:hush",
    "redis://user:hush/0",
    "redis://user:12hush/0",
    "redis:hush x@host",
    "http://user:hush@host/",
    "mongodb+srv://user:hush@host/",
    "redis://a,redis://user:hush@b",
    "redis://user:hush@a,redis://b",
    "redis://host?password=hush",
    "redis://host?pass%77ord=hush",
    "redis://host?PASSWORD=hush",
    "redis://host?p=hush",
    "redis://host?db=1&auth=hush",
    "redis://host?hush",
    "redis://host/0#hush",
    "sqlite:x.db?key=hush",
    "memory:?secret=hush",
  ])("%j is shown without its password", (address) => {
    expect(redactAddress(address)).not.toContain("hush");
    expect(redactAddress(redactAddress(address))).not.toContain("hush");
  });
});

describe("a text from elsewhere", () => {
  test.each([
    "connect ECONNREFUSED 127.0.0.1:6379",
    "ERR Error running script (call to f_00): @user_script:7: @user_script: 7: -OOM command",
    "NOPERM this user has no permissions to access the key 'a', script: f_1, on @user_script:1.",
    "at redis://host:6379, and redis://[::1]:6379.",
  ])("%s has nothing to hide", (text) => expect(redact(text)).toBe(text));

  test.each([
    ["failed: redis://a:b@c and redis://d:e@f", "failed: redis://a:***@c and redis://d:***@f"],
    ["bad URL redis:/u:hush@host.", "bad URL redis:***@host."],
    ["Invalid URL: redis://u:hu sh@host", "Invalid URL: redis://u:***@host"],
    ["no host in redis://u:hush", "no host in redis://u:***"],
    ["got u:hush@host", "got u:***@host"],
    ["got redis://h?password=hush&db=1", "got redis://h?password=***&db=1"],
  ])("%s", (text, shown) => expect(redact(text)).toBe(shown));

  test("of a store of the user's own is shown without a password", () => {
    const error = asStoreError(new Error("no answer from postgres://me:hush@db/leases"));
    expect(error.message).toBe("The store failed: no answer from postgres://me:***@db/leases");
  });
});

describe("the metadata of a leader", () => {
  test.each([
    "http://10.0.0.7:8080",
    "10.0.0.7:8080",
    "pod billing-5, at 10.0.0.7:8080 and [::1]:8080",
    '{ "url": "http://10.0.0.7:8080", "owner": "ops@example.com", "pid": 7 }',
    '["http://10.0.0.7:8080", "ops@example.com"]',
    "7",
    "{ no JSON",
    "",
  ])("%s has nothing to hide, and stays as it was written", (metadata) =>
    expect(redactMetadata(metadata)).toBe(metadata),
  );

  test.each([
    ["http://user:hush@10.0.0.7", "http://user:***@10.0.0.7"],
    ["at user:hush@10.0.0.7", "at user:***@10.0.0.7"],
    ["http://10.0.0.7/?access_token=hush", "http://10.0.0.7/?access_token=***"],
    ["host=10.0.0.7 password=hush", "host=10.0.0.7 password=***"],
    [
      '{ "db": { "url": "postgres://me:hush@db" }, "owner": "ops@example.com" }',
      '{"db":{"url":"postgres://me:***@db"},"owner":"ops@example.com"}',
    ],
    ['["http://user:hush@10.0.0.7"]', '["http://user:***@10.0.0.7"]'],
    ['{"user":"me","apiKey":"hush"}', '{"user":"me","apiKey":"***"}'],
  ])("%s is shown without its password", (metadata, shown) =>
    expect(redactMetadata(metadata)).toBe(shown),
  );
});
