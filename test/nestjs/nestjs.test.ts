import "reflect-metadata";
import type { DynamicModule, INestApplication, Provider } from "@nestjs/common";
import { Inject, SetMetadata } from "@nestjs/common";
import { Cron, ScheduleModule, SchedulerRegistry } from "@nestjs/schedule";
import { HealthCheckService, TerminusModule } from "@nestjs/terminus";
import { Test } from "@nestjs/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Elector } from "../../src/elector/elector.ts";
import { ElectorHealth } from "../../src/nestjs/elector-health.ts";
import { IncumbentModule } from "../../src/nestjs/incumbent-module.ts";
import { LeaderOnly } from "../../src/nestjs/leader-only.ts";
import { electorToken } from "../../src/nestjs/tokens.ts";
import { createTestElection } from "../../src/testing/create-test-election.ts";

type Constructor<Instance> = new (...args: never[]) => Instance;

/** Applies a decorator as TypeScript does with `experimentalDecorators`, which this project is compiled without. */
function decorate(target: object, name: string, ...decorators: MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name) ?? {};
  for (const decorator of decorators.reverse()) decorator(target, name, descriptor);
  Object.defineProperty(target, name, descriptor);
}

async function start(
  election: DynamicModule | readonly DynamicModule[],
  providers: Provider[],
  imports: DynamicModule[] = [],
): Promise<INestApplication> {
  const module = await Test.createTestingModule({
    imports: [...[election].flat(), ...imports],
    providers,
  }).compile();
  const app = module.createNestApplication();
  onTestFinished(() => app.close());
  await app.init();
  return app;
}

/** A provider with a method for the leader, that ends when it is told to. */
function reports(name?: string) {
  class Reports {
    runs = 0;
    end: () => void = () => {};

    async send(text: string): Promise<string> {
      this.runs += 1;
      await new Promise<void>((resolve) => {
        this.end = resolve;
      });
      return `sent ${text}`;
    }
  }
  decorate(Reports.prototype, "send", LeaderOnly(name));
  return Reports;
}

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
    class Service {
      readonly elector: Elector;
      constructor(elector: Elector) {
        this.elector = elector;
      }
    }
    Inject(electorToken())(Service, undefined, 0);
    const { elector } = createTestElection();
    const app = await start(IncumbentModule.forRoot(elector), [Service]);
    expect(app.get(Service).elector).toBe(elector);
  });

  test("refuses what is no elector, and an unknown option", async () => {
    const wrong = {} as Elector; // On purpose.
    expect(() => IncumbentModule.forRoot(wrong)).toThrow("elector must be an Elector");
    await expect(
      start(IncumbentModule.forRootAsync({ useFactory: () => wrong }), []),
    ).rejects.toThrow("elector must be an Elector");
    const misspelt = { useFactory: () => wrong, injects: [] };
    expect(() => IncumbentModule.forRootAsync(misspelt)).toThrow('did you mean "inject"?');
  });
});

describe("@LeaderOnly()", () => {
  test("runs the method on the leader alone, and passes on its result", async () => {
    const election = createTestElection();
    const Reports = reports();
    const app = await start(IncumbentModule.forRoot(election.elector), [Reports]);
    const provider = app.get<InstanceType<typeof Reports>>(Reports);
    expect(provider.send("a")).toBe(undefined);
    expect(provider.runs).toBe(0);
    await election.grant();
    const sent = provider.send("b");
    provider.end();
    expect(await sent).toBe("sent b");
    await election.steal();
    expect(provider.send("c")).toBe(undefined);
    expect(provider.runs).toBe(1);
  });

  test("no other process leads before a method that runs has ended", async () => {
    const election = createTestElection();
    const Reports = reports();
    const app = await start(IncumbentModule.forRoot(election.elector), [Reports]);
    await election.grant();
    const provider = app.get<InstanceType<typeof Reports>>(Reports);
    const signal = election.elector.term?.signal;
    const sent = provider.send("a");
    const events: string[] = [];
    const closed = app.close().then(() => events.push("stopped"));
    await election.advance(100);
    expect(signal?.aborted).toBe(true);
    expect(provider.send("b")).toBe(undefined);
    expect(events).toEqual([]);
    void sent?.then(() => events.push("ended"));
    provider.end();
    await closed;
    expect(events).toEqual(["ended", "stopped"]);
  });

  test("keeps apart several elections by name", async () => {
    const [one, two] = [createTestElection("one"), createTestElection("two")];
    const [One, Two] = [reports("one"), reports("two")];
    const modules = [
      IncumbentModule.forRoot(one.elector, "one"),
      IncumbentModule.forRoot(two.elector, "two"),
    ];
    const app = await start(modules, [One, Two]);
    await one.grant();
    void app.get(One).send("a");
    expect(app.get(Two).send("a")).toBe(undefined);
    app.get(One).end();
  });

  test("leaves alone what other decorators wrote on the method, before it and after it", () => {
    class Jobs {
      run() {}
    }
    decorate(Jobs.prototype, "run", SetMetadata("above", 1), LeaderOnly(), SetMetadata("below", 2));
    const metadata = (key: string) => Reflect.getMetadata(key, Jobs.prototype.run);
    expect([metadata("above"), metadata("below"), Jobs.prototype.run.name]).toEqual([1, 2, "run"]);
  });

  test("explains itself on an object that NestJS has not made, and on what is no method", () => {
    const Reports = reports();
    expect(() => new Reports().send("a")).toThrow("must be a provider that NestJS has made");
    const bad = () => LeaderOnly()(class {}.prototype, "x", { value: 1 });
    expect(bad).toThrow("what @LeaderOnly() decorates, x, must be a function");
  });

  test("a job of @nestjs/schedule runs on the leader alone", async () => {
    class Jobs {
      runs = 0;
      run() {
        this.runs += 1;
      }
    }
    decorate(Jobs.prototype, "run", LeaderOnly(), Cron("0 0 1 1 *", { name: "job" }));
    const election = createTestElection();
    const module = IncumbentModule.forRoot(election.elector);
    const app = await start(module, [Jobs], [ScheduleModule.forRoot()]);
    const job = app.get(SchedulerRegistry).getCronJob("job");
    await job.fireOnTick();
    expect(app.get(Jobs).runs).toBe(0);
    await election.grant();
    await job.fireOnTick();
    expect(app.get(Jobs).runs).toBe(1);
  });
});

describe("a method under @Cron() and @LeaderOnly()", () => {
  test.each([
    ["above", (cron: MethodDecorator) => [cron, LeaderOnly()]],
    ["below", (cron: MethodDecorator) => [LeaderOnly(), cron]],
  ])(
    "skips the occasion of the former leader if its timer is late, with @Cron() %s",
    async (_, of) => {
      class Jobs {
        runs = 0;
        run() {
          this.runs += 1;
        }
      }
      decorate(Jobs.prototype, "run", ...of(Cron("* * * * * *", { name: "job", disabled: true })));
      const office = createTestElection();
      const module = IncumbentModule.forRoot(office.elector);
      const app = await start(module, [Jobs], [ScheduleModule.forRoot()]);
      const job = app.get(SchedulerRegistry).getCronJob("job");
      await office.advance(700);
      await office.grant();
      const begun = Number(office.elector.term?.since);
      expect(begun % 1000).toBe(700);
      vi.useFakeTimers({ toFake: ["Date"] });
      onTestFinished(() => void vi.useRealTimers());
      vi.setSystemTime(begun + 50); // The former leader has run it 750 ms ago.
      await job.fireOnTick();
      expect(app.get(Jobs).runs).toBe(0);
      vi.setSystemTime(begun + 300);
      await job.fireOnTick();
      expect(app.get(Jobs).runs).toBe(1);
    },
  );

  test("is run at any time of the term if @Cron() is not there", async () => {
    const office = createTestElection();
    const Reports = reports();
    const app = await start(IncumbentModule.forRoot(office.elector), [Reports]);
    await office.advance(700);
    await office.grant();
    vi.useFakeTimers({ toFake: ["Date"], now: Number(office.elector.term?.since) + 50 });
    onTestFinished(() => void vi.useRealTimers());
    void app.get(Reports).send("a");
    expect(app.get(Reports).runs).toBe(1);
    app.get(Reports).end();
  });
});

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
