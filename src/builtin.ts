/**
 * The modules of Node.js that are loaded at their first use. An import would load them together with the entry point:
 * `node:https` brings 80 others, and `node:fs` brings all of the streams if a module imports it.
 *
 * @example
 * const text = builtin.fs.readFileSync(path, "utf8");
 */
export const builtin = {
  get childProcess() {
    return process.getBuiltinModule("node:child_process");
  },
  get crypto() {
    return process.getBuiltinModule("node:crypto");
  },
  get events() {
    return process.getBuiltinModule("node:events");
  },
  get fs() {
    return process.getBuiltinModule("node:fs");
  },
  get http() {
    return process.getBuiltinModule("node:http");
  },
  get https() {
    return process.getBuiltinModule("node:https");
  },
  get net() {
    return process.getBuiltinModule("node:net");
  },
  get os() {
    return process.getBuiltinModule("node:os");
  },
  get streams() {
    return process.getBuiltinModule("node:stream/promises");
  },
  get tls() {
    return process.getBuiltinModule("node:tls");
  },
};
