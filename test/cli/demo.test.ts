import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { KubernetesServer } from "../support/kubernetes-server.ts";
import { Incumbent, Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

describe("incumbent demo", () => {
  test("--servers reports that redis-server is not installed", async () => {
    const demo = workshop.start("demo", "--servers", "3");
    const lost = new Incumbent(["demo", "--servers", "3"], { PATH: "/nowhere" });
    expect(await lost.ended()).toBe(64);
    expect(lost.err).toContain("needs the program redis-server");
    await demo.says("leads");
    demo.process.kill("SIGTERM");
    expect(await demo.ended()).toBe(143);
    const ports = new Set(demo.out.match(/127\.0\.0\.1:\d+/g));
    expect(ports.size).toBe(3);
    for (const place of ports) {
      const gone = workshop.start("status", "a", "--store", `redis://${place}`);
      expect(await gone.ended(), "its servers ended with it").toBe(69);
    }
  });

  test("uses a key that Kubernetes takes as well", async () => {
    const server = await new KubernetesServer().start();
    onTestFinished(() => server.stop());
    const kubeconfig = {
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      clusters: [{ name: "k", cluster: { server: server.url } }],
      users: [{ name: "u", user: { token: server.token } }],
    };
    writeFileSync(workshop.path("config"), JSON.stringify(kubeconfig));
    const env = { KUBECONFIG: workshop.path("config") };
    const demo = new Incumbent(["demo", "--store", "kubernetes:default"], env);
    onTestFinished(() => void demo.process.kill());
    await demo.says("no election for");
    demo.process.kill("SIGTERM");
    expect(await demo.ended()).toBe("SIGTERM");
  });
});
