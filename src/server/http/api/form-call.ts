/**
 * A call to be registered as names and texts, for dialplans: `CURL()` of Asterisk sends a form and reads one, `AGI()` has
 * arguments. Two parties, `first` and `second`: each is a language, and `first_name`, `first_voice`, `first_original`,
 * `first_caller`, `first_dialled`, `first_agent`, `first_refusesRecording` say more of it. `meta_NAME` is metadata; all else
 * is called as in JSON. What is true there is `on` here, and `off` what is false.
 */

/** The media type of forms. */
export const FORM = 'application/x-www-form-urlencoded';

const PLACES = ['first', 'second'] as const;
const OF_PARTY = /^(first|second)_(name|voice|original|caller|dialled|agent|refusesRecording)$/;
const META = /^meta_(.+)$/;
/** What is no text in JSON. */
const READERS: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['announce', onOff],
  ['refusesRecording', onOff],
  ['ttlSeconds', Number],
]);

/**
 * The same as JSON would say it; what cannot be, its schema refuses. Names are looked up in maps, since every object has
 * a `__proto__` that all others share.
 */
export function callInForm(
  written: Iterable<readonly [name: string, text: string]>,
): Readonly<Record<string, unknown>> {
  const parties = new Map<string, Map<string, unknown>>(PLACES.map((place) => [place, new Map()]));
  const metadata = new Map<string, string>();
  const rest = new Map<string, unknown>();
  for (const [key, text] of written) {
    const [, place = key, field = 'language'] = OF_PARTY.exec(key) ?? [];
    const party = parties.get(place);
    const named = META.exec(key)?.[1];
    if (text === '') {
      // What a variable without a value leaves behind.
      continue;
    }
    if (party !== undefined) {
      party.set(field, READERS.get(field)?.(text) ?? text);
    } else if (named !== undefined) {
      metadata.set(named, text);
    } else {
      rest.set(key, READERS.get(key)?.(text) ?? text);
    }
  }
  return {
    ...Object.fromEntries(rest),
    parties: [...parties.values()].map((party) => Object.fromEntries(party)),
    ...(metadata.size === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  };
}

function onOff(text: string): unknown {
  return text === 'on' ? true : text === 'off' ? false : text;
}

/** What was registered, as a dialplan takes it. */
export function answerOf({
  call,
  server,
  parties,
}: {
  readonly call: string;
  readonly server?: string;
  readonly parties: readonly { readonly uuid: string }[];
}): Readonly<Record<string, string>> {
  const [first, second] = parties;
  return {
    call,
    ...(first === undefined ? {} : { first: first.uuid }),
    ...(second === undefined ? {} : { second: second.uuid }),
    ...(server === undefined ? {} : { server }),
  };
}
