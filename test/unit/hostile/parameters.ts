/** One place in a JSON schema that takes a string, and how to put one there. */
export interface StringPlace {
  /** For messages: `servers[].server`. */
  path: string;
  /** A value of the whole schema that is right but for the string, which stands there alone. */
  put(text: string): unknown;
}

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  patternProperties?: Record<string, Schema>;
  examples?: unknown[];
}

/** What an ordinary value of a required key looks like, where its schema gives no example. */
const ORDINARY: Record<string, unknown> = {
  role: undefined,
  hosts: "probe",
  server: "192.0.2.1",
  pool: "pool.example.net",
  peer: "192.0.2.2",
  address: "192.0.2.3",
  host: "other1",
  group: "others",
  hostname: "web.example.net",
};

/** Keys that are not required, but without which their neighbours would have no effect. */
const COMPANIONS: Record<string, unknown> = { from: "any" };

/** Names of chrony directives that take any text: keys under which a record's values are tried. */
const RECORD_KEYS: Record<string, readonly string[]> = {
  directives: ["makestep", "keyfile", "include"],
  vars: ["some_variable"],
};

/** Every place in a schema that takes a string, choices among words included: nothing but its words may pass there. */
export function stringPlaces(schema: unknown): StringPlace[] {
  return [...new Map(placesIn(schema, "", "").map((place) => [place.path, place])).values()];
}

function placesIn(schema: unknown, path: string, key: string): StringPlace[] {
  const of = schema as Schema;
  if (of.anyOf) return of.anyOf.flatMap((one) => placesIn(one, path, key));
  if (
    of.type === "string" ||
    typeof of.const === "string" ||
    of.enum?.some((one) => typeof one === "string")
  ) {
    return [{ path, put: (text) => text }];
  }
  if (of.type === "array" && of.items) {
    return placesIn(of.items, `${path}[]`, key).map((place) => ({
      path: place.path,
      put: (text) => [place.put(text)],
    }));
  }
  if (of.patternProperties) {
    const keys = RECORD_KEYS[key] ?? ["some_key"];
    const [value] = Object.values(of.patternProperties);
    return [
      { path: `${path}.*`, put: (text) => Object.fromEntries([[text, "x"]]) },
      ...keys.flatMap((name) =>
        placesIn(value ?? { type: "string" }, `${path}.${name}`, name).map((place) => ({
          path: place.path,
          put: (text: string) => ({ [name]: place.put(text) }),
        })),
      ),
    ];
  }
  if (of.properties) {
    const required = of.required ?? [];
    return Object.entries(of.properties).flatMap(([name, child]) =>
      placesIn(child, path === "" ? name : `${path}.${name}`, name).map((place) => ({
        path: place.path,
        put: (text: string) => ({
          ...Object.fromEntries(
            Object.entries(COMPANIONS).filter(([other]) => other !== name && other in (of.properties ?? {})),
          ),
          ...Object.fromEntries(
            required
              .filter((other) => other !== name)
              .map((other) => [other, ordinary(other, of.properties?.[other])]),
          ),
          [name]: place.put(text),
        }),
      })),
    );
  }
  return [];
}

/** An ordinary value. Throws for a new required key that has neither an example nor an entry in ORDINARY. */
function ordinary(key: string, schema: Schema | undefined): unknown {
  if (schema?.const !== undefined) return schema.const;
  if (key in ORDINARY) return ORDINARY[key];
  if (schema?.examples?.[0] !== undefined) return schema.examples[0];
  throw new Error(`give an ordinary value for the required key ${key}, so that its neighbours can be tried`);
}
