/**
 * How long a provider's server is waited for and how much of its answer is read, unless an adapter says otherwise. An
 * adapter's own limits stand beside it when they are about what it asks for, and go with each request.
 */

/** From sending a request to the head of its answer, in ms. A server that makes speech first takes seconds. */
export const HEAD_LIMIT_MS = 30_000;

/** Between two pieces of an answer, in ms. */
export const SILENCE_LIMIT_MS = 30_000;

/**
 * The longest answer that is read whole, in bytes: a transcript with all its tokens is some 100 KB. Parsing takes the
 * main thread 2 ms of it, of which no frame is late.
 */
export const ANSWER_LIMIT_BYTES = 262_144;

/** The most of a body that is held for a reader who takes its time, in bytes; then the server has to wait. */
export const HELD_LIMIT_BYTES = 65_536;

/** The most of a refusal's body that is read, in bytes; providers' are some 200. */
export const REFUSAL_LIMIT_BYTES = 65_536;

/** The most connections to one server; who finds none waits in line, within the limit of its request. */
export const CONNECTIONS_LIMIT = 128;

/** How long an idle connection is kept, in ms: routers on the way forget a silent one without a word, after minutes. */
export const KEEP_ALIVE_MS = 55_000;

/**
 * The most segments that one provider makes at a time, voices that are looked for among them: two for each of 512 legs, the
 * one that sounds and the next.
 */
export const SPEECHES_LIMIT = 1_024;
