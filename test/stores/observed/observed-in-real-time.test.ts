import { describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { MemoryRegister } from "../../support/memory-register.ts";
import { capabilities, setUp } from "./conformance-setup.ts";

describe("an observed store in real time", () => {
  checkStore(test, {
    setUp: () =>
      setUp(
        (shelf) => new MemoryRegister(shelf),
        () => performance.now(),
      ),
    capabilities,
  });
});
