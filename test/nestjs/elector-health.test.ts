import type { INestApplication } from "@nestjs/common";
import { HealthCheckService, TerminusModule } from "@nestjs/terminus";
import { describe, expect, test } from "vitest";
import { ElectorHealth } from "../../src/nestjs/elector-health.ts";
import { IncumbentModule } from "../../src/nestjs/incumbent-module.ts";
import { createTestElection } from "../../src/testing/create-test-election.ts";
import { start } from "./app.ts";

type Constructor<Instance> = new (...args: never[]) => Instance;

describe("ElectorHealth", () => {
  const check = (app: INestApplication) =>
    app
      .get(HealthCheckService)
      .check([
        () =>
          app.get<ElectorHealth>(ElectorHealth as Constructor<ElectorHealth>).isHealthy("election"),
      ]);

  test("is up while the store answers, and down while it does not, in @nestjs/terminus", async () => {
    const election = createTestElection();
    const terminus = TerminusModule.forRoot({ logger: false });
    const app = await start(IncumbentModule.forRoot(election.elector), [], [terminus]);
    await election.grant();
    const { nodeId } = election.elector;
    const leads = { status: "up", role: "leader", leader: nodeId };
    expect((await check(app)).details).toEqual({ election: leads });
    await election.partition(election.elector);
    await election.advance(10_000);
    await expect(check(app)).rejects.toMatchObject({
      response: { error: { election: { status: "down" } } },
    });
    await election.heal(election.elector);
    await election.advance(10_000);
    expect((await check(app)).status).toBe("ok");
  });
});
