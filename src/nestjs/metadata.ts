import { invalid } from "../input.ts";

/** What `reflect-metadata`, which NestJS loads, adds to `Reflect`. */
interface Metadata {
  getMetadataKeys(target: object): unknown[];
  getMetadata(key: unknown, target: object): unknown;
  defineMetadata(key: unknown, value: unknown, target: object): void;
}

/** Where NestJS keeps the properties that it is to inject into a class. */
const PROPERTIES = "self:properties_metadata";

/** Where `@nestjs/schedule` keeps when a method is to run. */
const CRON = "SCHEDULE_CRON_OPTIONS";

/** As NestJS's `@Inject(token)` on a property. Written by ourselves: this package imports no other. */
export function injectInto(prototype: object, key: symbol, token: string): void {
  const provider = prototype.constructor;
  const before = metadata().getMetadata(PROPERTIES, provider);
  const properties: unknown[] = Array.isArray(before) ? before : [];
  metadata().defineMetadata(PROPERTIES, [...properties, { key, type: token }], provider);
}

/** A decorator that was applied before, such as `@Cron()`, has left its own on the method. */
export function copyMetadata(from: object, to: object): void {
  for (const key of metadata().getMetadataKeys(from)) {
    metadata().defineMetadata(key, metadata().getMetadata(key, from), to);
  }
}

/** Whether `@Cron()` of `@nestjs/schedule`, before or after us, has made the method a job. */
export function isCronJob(method: object): boolean {
  return metadata().getMetadata(CRON, method) !== undefined;
}

function metadata(): Metadata {
  if ("defineMetadata" in Reflect) return Reflect as unknown as Metadata; // reflect-metadata has been loaded.
  throw invalid({
    name: "@LeaderOnly()",
    rule: "must be used with NestJS, which loads reflect-metadata",
    value: undefined,
    example: 'import "reflect-metadata"',
  });
}
