/**
 * The token of an elector among the providers of NestJS.
 *
 * @param name The `name` given to {@link IncumbentModule}, if there are several elections.
 * @example
 * constructor(@Inject(electorToken()) private readonly elector: Elector) {}
 */
export function electorToken(name?: string): string {
  return tokenOf("Elector", name);
}

export function runsToken(name: string | undefined): string {
  return tokenOf("LeaderRuns", name);
}

function tokenOf(what: string, name: string | undefined): string {
  return name === undefined ? `incumbent:${what}` : `incumbent:${what}:${name}`;
}
