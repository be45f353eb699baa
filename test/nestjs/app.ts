import "reflect-metadata";
import type { DynamicModule, INestApplication, Provider } from "@nestjs/common";
import { Test } from "@nestjs/testing";
import { onTestFinished } from "vitest";
import { LeaderOnly } from "../../src/nestjs/leader-only.ts";

/** Applies a decorator as TypeScript does with `experimentalDecorators`, which this project is compiled without. */
export function decorate(target: object, name: string, ...decorators: MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name) ?? {};
  for (const decorator of decorators.reverse()) decorator(target, name, descriptor);
  Object.defineProperty(target, name, descriptor);
}

export async function start(
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

/** A provider with a method for the leader, which goes on until `end` is called. */
export function reports(name?: string) {
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
