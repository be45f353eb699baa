import { expect, test } from "vitest";
import { keyOfName, nameOfKey } from "../../../src/stores/registers/key-name.ts";

test.each([
  ["billing_scheduler-1", "billing_scheduler-1"],
  ["billing:scheduler", "billing=3Ascheduler"],
  ["a=b/c.d e", "a=3Db=2Fc=2Ed=20e"],
  ["a\nb\0", "a=0Ab=00"],
  ["ä€", "=C3=A4=E2=82=AC"],
])("%j has the name %j, and the name leads back", (key, name) => {
  expect(nameOfKey(key)).toBe(name);
  expect(keyOfName(name)).toBe(key);
});

test.each(["=", "=3a", "=41", "a.b", "a/b", "=FF", "ä"])("%j is the name of no key", (name) => {
  expect(keyOfName(name)).toBeUndefined();
});
