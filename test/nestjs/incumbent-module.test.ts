import { Inject } from "@nestjs/common";
import { describe, expect, test } from "vitest";
import type { Elector } from "../../src/elector/elector.ts";
import { IncumbentModule } from "../../src/nestjs/incumbent-module.ts";
import { electorToken, runsToken } from "../../src/nestjs/tokens.ts";
import { createTestElection } from "../../src/testing/create-test-election.ts";
import { start } from "./app.ts";

class Service {
  readonly elector: Elector;
  constructor(elector: Elector) {
    this.elector = elector;
  }
}
Inject(electorToken())(Service, undefined, 0);

describe("IncumbentModule", () => {
  test("starts the elector with the application and stops it with it", async () => {
    const { elector } = createTestElection();
    expect(elector.status.role).toBe("stopped");
    const app = await start(IncumbentModule.forRoot(elector), []);
    expect(app.get(electorToken())).toBe(elector);
    await elector.settled();
    await app.close();
    expect(elector.status.role).toBe("stopped");
  });

  test("makes the elector from other providers", async () => {
    const { elector } = createTestElection();
    const module = IncumbentModule.forRootAsync({
      imports: [
        { module: class {}, providers: [{ provide: "url", useValue: "x" }], exports: ["url"] },
      ],
      inject: ["url"],
      useFactory: async (url: string) => {
        expect(url).toBe("x");
        return elector;
      },
    });
    const app = await start(module, []);
    expect(app.get(electorToken())).toBe(elector);
  });

  test("injects the elector", async () => {
    const { elector } = createTestElection();
    const app = await start(IncumbentModule.forRoot(elector), [Service]);
    expect(app.get(Service).elector).toBe(elector);
  });

  test("is known in modules that do not import it", async () => {
    const { elector } = createTestElection();
    const feature = { module: class {}, providers: [Service] };
    const app = await start(IncumbentModule.forRoot(elector), [], [feature]);
    expect(app.get(Service, { strict: false }).elector).toBe(elector);
  });

  test("has one elector for each name", async () => {
    const [one, two] = [createTestElection("one"), createTestElection("two")];
    const modules = [
      IncumbentModule.forRoot(one.elector, "one"),
      IncumbentModule.forRootAsync({ useFactory: () => two.elector, name: "two" }),
    ];
    const app = await start(modules, []);
    expect(app.get(electorToken("one"))).toBe(one.elector);
    expect(app.get(electorToken("two"))).toBe(two.elector);
  });

  test("names its providers so that a message of NestJS can be understood", () => {
    expect([electorToken(), electorToken("one")]).toEqual([
      ...["incumbent:Elector", "incumbent:Elector:one"],
    ]);
    expect([runsToken(undefined), runsToken("one")]).toEqual([
      ...["incumbent:LeaderRuns", "incumbent:LeaderRuns:one"],
    ]);
  });

  test("refuses what is no elector, and an unknown option", async () => {
    const wrong = {} as Elector; // On purpose.
    expect(() => IncumbentModule.forRoot(wrong)).toThrow("elector must be an Elector");
    await expect(
      start(IncumbentModule.forRootAsync({ useFactory: () => wrong }), []),
    ).rejects.toThrow("elector must be an Elector");
    const misspelt = { useFactory: () => wrong, injects: [] };
    expect(() => IncumbentModule.forRootAsync(misspelt)).toThrow('did you mean "inject"?');
    expect(() => IncumbentModule.forRootAsync(7 as never)).toThrow("{ useFactory: () => elector }");
  });
});
