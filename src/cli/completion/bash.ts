import type { CommandSpec } from "../command-spec.ts";

export function bash(specs: readonly CommandSpec[]): string {
  const names = specs.map(({ name }) => name).join(" ");
  const cases = specs.map(({ name, options }) => {
    const words = Object.keys(options).map((option) => `--${option}`);
    return `    ${name}) words="${words.join(" ")}" ;;`;
  });
  return `_incumbent() {
  local words="${names} --help --version"
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  [[ $COMP_CWORD -eq 1 ]] && words="${names} --help --version"
  # After -- follows another command.
  [[ " \${COMP_WORDS[*]:1:COMP_CWORD-1} " == *" -- "* ]] && { COMPREPLY=($(compgen -c -- "$2")); return; }
  COMPREPLY=($(compgen -W "$words" -- "$2"))
}
complete -F _incumbent incumbent
`;
}
