import type { Operation, Parameter } from "./operation";
import type { Ask } from "./snippets";

/** What somebody typed into the form of an operation: parameters by name, the body's text. */
export interface Filled {
  values: Readonly<Record<string, string>>;
  body: string;
}

export const key = ({ in: where, name }: Parameter) => `${where} ${name}`;

/** The request that a filled form means; a parameter that is empty is left out, several values stand in lines. */
export function askOf({ method, path, parameters, body }: Operation, filled: Filled, address: string): Ask {
  const given = (parameter: Parameter) => filled.values[key(parameter)] ?? "";
  const of = (where: Parameter["in"]) => parameters.filter((one) => one.in === where && given(one) !== "");
  const query = new URLSearchParams(
    of("query").flatMap((one) =>
      (one.repeats ? given(one).split("\n").filter(Boolean) : [given(one)]).map((value) => [one.name, value]),
    ),
  ).toString();
  const way = path.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = filled.values[`path ${name}`];
    // The name of a file holds slashes.
    return value ? value.split("/").map(encodeURIComponent).join("/") : placeholder;
  });
  const isJson = body?.media === "application/json";
  return {
    method,
    url: `${address}/api/v1${way}${query && `?${query}`}`,
    headers: {
      ...(body ? { "content-type": body.media } : {}),
      ...Object.fromEntries(of("header").map((one) => [one.name, given(one)])),
    },
    ...(body ? { body: isJson ? { json: filled.body } : { file: "pairs.jsonl" } } : {}),
  };
}
