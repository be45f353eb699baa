import { checkOptions, invalid } from "../input.ts";
import type { MeasuredElector } from "./measurements.ts";
import type { OpenTelemetryMeter, OpenTelemetryTracer } from "./opentelemetry-api.ts";
import { checkElector, hasMethods, parseName } from "./reporting-options.ts";

/** How an elector reports to OpenTelemetry. At least one of `meter` and `tracer` is needed. */
export interface OpenTelemetryOptions {
  /** Gets the metrics. Electors that share a name need the same meter to be added up. */
  readonly meter?: OpenTelemetryMeter | undefined;
  /** Gets a span for each term. */
  readonly tracer?: OpenTelemetryTracer | undefined;
  /**
   * The value of the attribute `name`: 1 to 512 bytes that can all be seen, as in a key.
   * @defaultValue the elector's key
   */
  readonly name?: string | undefined;
}

/** Options after checking. */
export interface OpenTelemetrySettings {
  readonly meter: OpenTelemetryMeter | undefined;
  readonly tracer: OpenTelemetryTracer | undefined;
  readonly name: string;
}

/** Checks the options. Throws `INCUMBENT_INVALID_OPTION`. */
export function parseOpenTelemetryOptions(
  elector: MeasuredElector,
  options: OpenTelemetryOptions,
): OpenTelemetrySettings {
  checkElector(elector);
  checkOptions(options, ["meter", "tracer", "name"], "{ meter, tracer }");
  const { meter, tracer } = options;
  if (meter === undefined && tracer === undefined) {
    const rule = "must have a meter, a tracer, or both";
    throw invalid({ name: "options", rule, value: options, example: "{ meter, tracer }" });
  }
  const exampleMeter = 'metrics.getMeter("incumbent")';
  if (meter !== undefined && !hasMethods(meter, "createCounter", "createObservableGauge")) {
    throw invalid({ name: "meter", rule: "must be a Meter", value: meter, example: exampleMeter });
  }
  const exampleTracer = 'trace.getTracer("incumbent")';
  if (tracer !== undefined && !hasMethods(tracer, "startSpan")) {
    throw invalid({
      name: "tracer",
      rule: "must be a Tracer",
      value: tracer,
      example: exampleTracer,
    });
  }
  return { meter, tracer, name: parseName(elector, options) };
}
