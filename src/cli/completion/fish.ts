import type { CommandSpec, OptionSpec } from "../command-spec.ts";

export function fish(specs: readonly CommandSpec[]): string {
  const names = specs.map(({ name }) => name).join(" ");
  const first = `__fish_use_subcommand`;
  const lines = specs.flatMap(({ name, summary, options }) => [
    `complete -c incumbent -n ${first} -a ${name} -d '${quoted(summary)}'`,
    ...Object.entries(options).map(
      ([option, spec]) =>
        `complete -c incumbent -n '__fish_seen_subcommand_from ${name}' ${optionOf(option, spec)}`,
    ),
  ]);
  return `# Completion for incumbent: ${names}\ncomplete -c incumbent -f\n${lines.join("\n")}\n`;
}

function optionOf(name: string, { short, value, help }: OptionSpec): string {
  const letter = short === undefined ? "" : `-s ${short} `;
  return `${letter}-l ${name} ${value === undefined ? "" : "-r "}-d '${quoted(help)}'`;
}

function quoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}
