import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SetMetadata } from "@nestjs/common";
import { Cron, ScheduleModule, SchedulerRegistry } from "@nestjs/schedule";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { IncumbentModule } from "../../src/nestjs/incumbent-module.ts";
import { LeaderOnly } from "../../src/nestjs/leader-only.ts";
import { createTestElection } from "../../src/testing/create-test-election.ts";
import { decorate, reports, start } from "./app.ts";

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
    expect(() => new Reports().send("a")).toThrow(
      /^the object with @LeaderOnly\(\) send\(\) must be a provider that NestJS has made.*moduleRef\.get/,
    );
    for (const descriptor of [{ value: 1 }, undefined]) {
      // A property has no descriptor.
      const bad = () => LeaderOnly()(class {}.prototype, "x", descriptor as PropertyDescriptor);
      expect(bad).toThrow(
        /^what @LeaderOnly\(\) decorates, x, must be a function.*@LeaderOnly\(\) async send/,
      );
    }
  });

  test("explains itself where NestJS has not loaded reflect-metadata", () => {
    const { defineMetadata } = Reflect;
    Reflect.deleteProperty(Reflect, "defineMetadata");
    onTestFinished(() => void Object.assign(Reflect, { defineMetadata }));
    expect(() => reports()).toThrow(
      /^@LeaderOnly\(\) must be used with NestJS, which loads reflect-metadata.*import "reflect-metadata"/,
    );
  });

  test("passes on what a method answers at once, and keeps nothing of what has ended", async () => {
    class Jobs {
      ended: WeakRef<object> | undefined;
      count() {
        return 7;
      }
      async read() {
        const text = { long: "x".repeat(1000) };
        this.ended = new WeakRef(text);
        return text;
      }
    }
    decorate(Jobs.prototype, "count", LeaderOnly());
    decorate(Jobs.prototype, "read", LeaderOnly());
    const election = createTestElection();
    const app = await start(IncumbentModule.forRoot(election.elector), [Jobs]);
    await election.grant();
    const jobs = app.get(Jobs);
    expect(jobs.count()).toBe(7);
    await jobs.read();
    setFlagsFromString("--expose_gc");
    const collect: () => void = runInNewContext("gc");
    await expect
      .poll(() => {
        collect();
        return jobs.ended?.deref() === undefined;
      })
      .toBe(true);
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
      const election = createTestElection();
      const module = IncumbentModule.forRoot(election.elector);
      const app = await start(module, [Jobs], [ScheduleModule.forRoot()]);
      const job = app.get(SchedulerRegistry).getCronJob("job");
      await election.advance(700);
      await election.grant();
      const begun = Number(election.elector.term?.since);
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

  test("runs the occasion at which the term began", async () => {
    class Jobs {
      runs = 0;
      run() {
        this.runs += 1;
      }
    }
    const cron = Cron("* * * * * *", { name: "job", disabled: true });
    decorate(Jobs.prototype, "run", LeaderOnly(), cron);
    const election = createTestElection();
    const module = IncumbentModule.forRoot(election.elector);
    const app = await start(module, [Jobs], [ScheduleModule.forRoot()]);
    await election.grant();
    const begun = Number(election.elector.term?.since);
    expect(begun % 1000).toBe(0);
    vi.useFakeTimers({ toFake: ["Date"], now: begun });
    onTestFinished(() => void vi.useRealTimers());
    await app.get(SchedulerRegistry).getCronJob("job").fireOnTick();
    expect(app.get(Jobs).runs).toBe(1);
  });

  test("is run at any time of the term if @Cron() is not there", async () => {
    const election = createTestElection();
    const Reports = reports();
    const app = await start(IncumbentModule.forRoot(election.elector), [Reports]);
    await election.advance(700);
    await election.grant();
    vi.useFakeTimers({ toFake: ["Date"], now: Number(election.elector.term?.since) + 50 });
    onTestFinished(() => void vi.useRealTimers());
    void app.get(Reports).send("a");
    expect(app.get(Reports).runs).toBe(1);
    app.get(Reports).end();
  });
});
