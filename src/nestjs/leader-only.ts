import { checkFunction, invalid } from "../input.ts";
import { LeaderRuns } from "./leader-runs.ts";
import { copyMetadata, injectInto } from "./metadata.ts";
import { occasionOf } from "./occasion.ts";
import { runsToken } from "./tokens.ts";

/** A method that has been decorated has the type that it had, or answers nothing. */
type Method = (...args: never[]) => unknown;

/**
 * A method of a provider runs only if this process leads when it is called; otherwise it answers `undefined`. If the
 * process leaves (stops, resigns), another can lead only when the promise that the method returned has settled, within
 * `drainTimeout`. `elector.term.signal` is aborted when the term ends.
 *
 * Under `@Cron()`, an occasion from before the term was the former leader's: a method whose timer is late at a hand-over
 * answers `undefined`, too, until the second of the election is over.
 *
 * @param name The `name` given to {@link IncumbentModule}, if there are several elections.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if it does not decorate a method.
 * @example
 * class Reports {
 *   constructor(@Inject(electorToken()) private readonly elector: Elector) {}
 *
 *   @Cron("0 6 * * *")
 *   @LeaderOnly()
 *   async send() {
 *     await sendReports({ signal: this.elector.term?.signal });
 *   }
 * }
 */
export function LeaderOnly(name?: string): MethodDecorator {
  return (target, property, descriptor: PropertyDescriptor) => {
    const method: Method = checkFunction(
      `what @LeaderOnly() decorates, ${String(property)},`,
      descriptor?.value,
      "@LeaderOnly() async send() {}",
    );
    const key = Symbol(runsToken(name));
    injectInto(target, key, runsToken(name));
    const onLeader = function (this: object, ...args: never[]) {
      const runs = runsIn(this, key, property);
      return runs.run(() => method.apply(this, args), occasionOf(onLeader));
    };
    Object.defineProperty(onLeader, "name", { value: method.name });
    copyMetadata(method, onLeader);
    descriptor.value = onLeader;
  };
}

function runsIn(provider: object, key: symbol, property: string | symbol): LeaderRuns {
  const runs: unknown = Reflect.get(provider, key);
  if (runs instanceof LeaderRuns) return runs;
  throw invalid({
    name: `the object with @LeaderOnly() ${String(property)}()`,
    rule: "must be a provider that NestJS has made",
    value: provider,
    example: "const reports = moduleRef.get(Reports)",
  });
}
