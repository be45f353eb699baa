import { checkElector } from "../elector/check-elector.ts";
import type { Elector } from "../elector/elector.ts";
import { checkOptions } from "../input.ts";
import { ElectorHealth } from "./elector-health.ts";
import { LeaderRuns } from "./leader-runs.ts";
import { electorToken, runsToken } from "./tokens.ts";

/** How {@link IncumbentModule} gets its elector. */
export interface IncumbentModuleOptions<Injected extends unknown[]> {
  /** Makes the elector, from what `inject` names. */
  readonly useFactory: (...injected: Injected) => Elector | Promise<Elector>;
  /** @defaultValue none */
  readonly inject?: readonly unknown[];
  /** The modules that have what is injected. */
  readonly imports?: readonly unknown[];
  /** To have several elections: the name for `@LeaderOnly(name)` and `electorToken(name)`. */
  readonly name?: string;
}

/**
 * A dynamic module of NestJS. This package does not name the types of others, and a list of nothing fits each of
 * those that NestJS asks for.
 */
export interface ElectionModule {
  readonly module: typeof IncumbentModule;
  readonly global: true;
  readonly imports: never[];
  readonly providers: never[];
  readonly exports: never[];
}

/**
 * Starts an elector with a NestJS application and stops it with the application, which first waits for the methods
 * under {@link LeaderOnly}. Call `app.enableShutdownHooks()`, so that a signal stops the application.
 *
 * @example
 * @Module({
 *   imports: [IncumbentModule.forRoot(new RedisElector("redis://127.0.0.1:6379", "reports:scheduler"))],
 * })
 * class AppModule {}
 */
// biome-ignore lint/complexity/noStaticOnlyClass: NestJS knows a module by its class.
export class IncumbentModule {
  /**
   * With an elector that was not started.
   * @param name To have several elections.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
   */
  static forRoot(elector: Elector, name?: string): ElectionModule {
    checkElector(elector);
    return moduleOf({ useFactory: () => elector, ...(name !== undefined && { name }) });
  }

  /**
   * With an elector that is made from other providers, such as a configuration.
   *
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
   * @example
   * IncumbentModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => new RedisElector(config.getOrThrow("REDIS_URL"), "reports:scheduler"),
   * })
   */
  static forRootAsync<Injected extends unknown[]>(
    options: IncumbentModuleOptions<Injected>,
  ): ElectionModule {
    const names = ["useFactory", "inject", "imports", "name"];
    return moduleOf(checkOptions(options, names, "{ useFactory: () => elector }"));
  }
}

function moduleOf<Injected extends unknown[]>({
  useFactory,
  inject = [],
  imports = [],
  name,
}: IncumbentModuleOptions<Injected>): ElectionModule {
  const elector = electorToken(name);
  const runs = runsToken(name);
  const module: Record<keyof ElectionModule, unknown> = {
    module: IncumbentModule,
    global: true,
    imports,
    providers: [
      {
        provide: elector,
        useFactory: async (...injected: Injected) => checkElector(await useFactory(...injected)),
        inject,
      },
      { provide: runs, useFactory: (given: Elector) => new LeaderRuns(given), inject: [elector] },
      {
        provide: ElectorHealth,
        useFactory: (given: Elector) => new ElectorHealth(given),
        inject: [elector],
      },
      {
        provide: `${elector}:life`,
        useFactory: (given: Elector) => new ElectorLife(given),
        inject: [elector],
      },
    ],
    exports: [elector, runs, ElectorHealth],
  };
  return module as unknown as ElectionModule; // ElectionModule says why its lists have no types.
}

/** The elector lives as long as the application. NestJS finds these methods by their names. */
class ElectorLife {
  readonly #elector: Elector;

  constructor(elector: Elector) {
    this.#elector = elector;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#elector.start();
  }

  /** The first that NestJS calls: what the methods of the leader use is still there. */
  async onModuleDestroy(): Promise<void> {
    await this.#elector.stop();
  }
}
