import { describe, expect, test } from "vitest";
import { KubernetesElector, KubernetesStore } from "../../../src/kubernetes.ts";
import { kubernetesSettings } from "../../../src/stores/kubernetes/kubernetes-settings.ts";
import { configOf } from "./stores.ts";

const defaults = { namespace: undefined, restartGuard: true, longestForeignTtl: 300_000 };
const config = configOf({ url: "https://127.0.0.1:1", token: "secret" });

describe("the URL", () => {
  test("names the namespace, or none, and options", () => {
    expect(kubernetesSettings("kubernetes:", {})).toEqual(defaults);
    const given = kubernetesSettings("KUBERNETES:billing?restartGuard=false", {});
    expect(given).toEqual({ ...defaults, namespace: "billing", restartGuard: false });
    const { longestForeignTtl } = kubernetesSettings("kubernetes:?longestForeignTtl=20000", {});
    expect(longestForeignTtl).toBe(20_000);
  });

  test.each(["kubernetes://billing", "kubernetes:a/b", "kubernetes", "kubernetes:a#b"])(
    "is refused: %s",
    (url) => {
      expect(() => kubernetesSettings(url, {})).toThrow(/^store must be kubernetes: or/);
    },
  );

  test("must not contradict the options", () => {
    const settings = () => kubernetesSettings("kubernetes:billing", { namespace: "other" });
    expect(settings).toThrow(/namespace/);
    const same = kubernetesSettings("kubernetes:billing", { namespace: "billing" });
    expect(same.namespace).toBe("billing");
  });
});

describe("an option", () => {
  test.each([
    [{ namespace: "Billing" }, /^namespace must be the name of a namespace \(RFC 1123\)/],
    [{ namespace: "a.b" }, /^namespace must be/],
    [{ restartGuard: "no" }, /^restartGuard must be true or false/],
    [{ longestForeignTtl: 5 }, /^longestForeignTtl must be a whole number from 1000/],
    [{ nameSpace: "x" }, /did you mean "namespace"/],
  ])("is refused: %j", (options, message) => {
    const given: object = options;
    expect(() => new KubernetesStore(config, given)).toThrow(message);
  });
});

describe("electors", () => {
  test("with the same client and options share a store", () => {
    const stores = [{}, {}, { namespace: "billing" }].map(
      (options) => new KubernetesElector(config, "billing-scheduler", options),
    );
    expect(stores).toHaveLength(3);
    expect(() => new KubernetesElector(config, "billing:scheduler")).toThrow(/^key must be/);
  });
});
