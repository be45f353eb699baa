import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { launch } from "./process.mjs";

/** How long it may take to download a server, in ms. */
const LIMIT = 600_000;

const KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
/**
 * Unpacks packages of another release of Debian, with all that they depend on unless `isAlone`, into a folder, and
 * installs nothing. Its `bin` gets a command for each of `programs`, which say where they lie in the packages. Those that
 * are `based` get the folder as their `--basedir`: they look there for each other and for their files.
 */
export async function unpackFromDebian(
  folder,
  { release, packages, programs, isAlone = false, based = [] },
) {
  rmSync(folder, { recursive: true, force: true });
  const [root, archives, commands] = ["root", "archives", "bin"].map((name) => join(folder, name));
  for (const made of [commands, join(archives, "partial"), join(folder, "lists/partial")])
    mkdirSync(made, { recursive: true });
  await apt(folder, release, "update");
  const how = isAlone ? ["download"] : ["--no-install-recommends", "--download-only", "install"];
  await apt(folder, release, ...how, ...packages);
  for (const archive of readdirSync(archives).filter((name) => name.endsWith(".deb")))
    await launch(["dpkg", "-x", join(archives, archive), root]).ends();
  for (const [command, place] of Object.entries(programs)) {
    const basedir = based.includes(command) ? ` --basedir=${folder}` : "";
    writeFileSync(join(commands, command), scriptOf(root, place, basedir), { mode: 0o755 });
  }
  if (based.length === 0) return;
  symlinkSync("bin", join(folder, "sbin"));
  for (const name of ["lib", "share"]) symlinkSync(join(root, "usr", name), join(folder, name));
}

/** Asks apt of that release alone, as if nothing were installed yet. */
async function apt(folder, release, ...args) {
  const sources = join(folder, "sources.list");
  writeFileSync(sources, `deb [signed-by=${KEYS}] ${mirror()} ${release} main\n`);
  writeFileSync(join(folder, "status"), "");
  const options = {
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::State::Status": join(folder, "status"),
    "Dir::Cache::Archives": join(folder, "archives"),
    "Dir::Cache::PkgCache": "",
    "Dir::Cache::SrcPkgCache": "",
    "Acquire::Languages": "none",
    "APT::Sandbox::User": "root",
    "Debug::NoLocking": "1",
  };
  const flags = Object.entries(options).map(([option, value]) => `-o${option}=${value}`);
  // What it downloads alone comes into the working directory.
  const cwd = join(folder, "archives");
  await launch(["apt-get", "-qq", "-y", ...flags, ...args], { cwd, limit: LIMIT }).ends();
}

/** Where this machine gets its own packages from. */
function mirror() {
  const places = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
  const place = places.find((name) => existsSync(name));
  const text = place === undefined ? "" : readFileSync(place, "utf8");
  const found = /^URIs:\s*(\S+)|^deb\s+(?:\[.*?\]\s+)?(\S+)/m.exec(text);
  if (found === null) throw new Error(`no mirror of Debian is named in ${places.join(" or ")}`);
  return found[1] ?? found[2];
}

/**
 * A program of another release needs the libraries of that, and their loader. A script does not, and a file for Java says
 * its version.
 */
function scriptOf(root, place, option) {
  const file = join(root, place);
  if (place.endsWith(".jar")) {
    const path = `${join(file, "../zookeeper-jute.jar")}:${file}`;
    return `#!/bin/sh\nexec java -cp ${path} org.apache.zookeeper.version.VersionInfoMain\n`;
  }
  if (readFileSync(file).subarray(0, 2).toString() === "#!")
    return `#!/bin/sh\nexec ${file} "$@"${option}\n`;
  const libraries = join(root, "usr/lib");
  const architecture = readdirSync(libraries).find((name) => name.endsWith("-linux-gnu"));
  const own = join(libraries, architecture);
  const loader = readdirSync(own).find((name) => /^ld-linux-.*\.so/.test(name));
  const path = `${own}:${libraries}`;
  return `#!/bin/sh
exec ${join(own, loader)} --argv0 "$0" --library-path ${path} ${file} "$@"${option}
`;
}
