import { text } from "node:stream/consumers";
import { asLfce, type Login, type Names } from "./both.ts";

/** One login by lfce in a process of its own, for a home directory of its own: the login on stdin, how it ended on stdout. */
const { login, names } = JSON.parse(await text(process.stdin)) as { login: Login; names: Names };
process.stdout.write(JSON.stringify(await asLfce(login, names)));
