/**
 * JSON from a provider: parsed or not, never an error of its own, because the parser's quotes what it was given.
 */

/** What `text` says, or bytes of UTF-8 do; undefined when it is no JSON. */
export function parseJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The member `name` of anything; undefined when there is none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
