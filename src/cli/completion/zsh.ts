import type { CommandSpec, OptionSpec } from "../command-spec.ts";

export function zsh(specs: readonly CommandSpec[]): string {
  const commands = specs.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = specs.map(({ name, options }) => {
    const words = Object.entries(options).map(
      ([option, spec]) => `        ${optionOf(option, spec)}`,
    );
    return `    ${name})\n      _arguments \\\n${words.join(" \\\n")} \\\n        '*::command:_normal' ;;`;
  });
  return `#compdef incumbent
_incumbent() {
  local -a commands=(
${commands.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
_incumbent "$@"
`;
}

function optionOf(name: string, { value, help }: OptionSpec): string {
  const argument = value === undefined ? "" : `:${quoted(value)}:`;
  return `'--${name}[${quoted(help)}]${argument}'`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(":", "\\:").replace(/[[\]]/g, "\\$&");
}
