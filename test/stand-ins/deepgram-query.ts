/**
 * What Deepgram takes in the query of a listening connection, as its documentation has it in 2026. The stand-in is
 * stricter than the service: a name it does not know is refused.
 */

const BOOLEAN = /^(true|false)$/;
const NUMBER = /^\d+(\.\d+)?$/;

const V1: Readonly<Record<string, RegExp>> = {
  model: /^nova-[23](-[a-z]+)?$/,
  language: /^(multi|[a-z]{2,3}(-[A-Z]{2}|-419|-Han[st])?)$/,
  encoding: /^linear16$/,
  sample_rate: /^(8000|16000|24000|44100|48000)$/,
  channels: /^1$/,
  interim_results: BOOLEAN,
  endpointing: /^(false|\d+)$/,
  utterance_end_ms: /^[1-9]\d{3,}$/,
  vad_events: BOOLEAN,
  punctuate: BOOLEAN,
  smart_format: BOOLEAN,
  no_delay: BOOLEAN,
  keyterm: /^[^,;\n]+$/,
  keywords: /^\S+$/,
};

const V2: Readonly<Record<string, RegExp>> = {
  model: /^flux-general-(en|multi)$/,
  language_hint: /^[a-z]{2}$/,
  encoding: /^linear16$/,
  sample_rate: /^(8000|16000|24000|44100|48000)$/,
  eager_eot_threshold: NUMBER,
  eot_threshold: NUMBER,
  eot_timeout_ms: /^\d+$/,
  keyterm: /^[^,;\n]+$/,
};

const REPEATED: ReadonlySet<string> = new Set(['keyterm', 'keywords', 'language_hint']);

/** What is wrong with a query, for the provider's `err_msg`; undefined when nothing is. */
export function wrongQuery(
  path: '/v1/listen' | '/v2/listen',
  query: URLSearchParams,
  mostTerms: number,
): string | undefined {
  if (query.getAll('keyterm').length + query.getAll('keywords').length > mostTerms) {
    return `Keyterm limit exceeded: ${query.getAll('keyterm')[0]}`;
  }
  const known = path === '/v1/listen' ? V1 : V2;
  for (const [name, value] of query) {
    if (known[name] === undefined || !known[name].test(value)) {
      return `${name}=${value} is not taken`;
    }
    if (!REPEATED.has(name) && query.getAll(name).length > 1) {
      return `${name} is given twice`;
    }
  }
  for (const name of ['model', 'encoding', 'sample_rate']) {
    if (!query.has(name)) {
      return `${name} is missing`;
    }
  }
  return path === '/v1/listen' ? wrongTogether(query) : wrongThresholds(query);
}

function wrongTogether(query: URLSearchParams): string | undefined {
  const isNova3 = query.get('model')?.startsWith('nova-3') === true;
  if (query.has('utterance_end_ms') && query.get('interim_results') !== 'true') {
    return 'utterance_end_ms needs interim_results';
  }
  if (query.has(isNova3 ? 'keywords' : 'keyterm')) {
    return `${query.get('model')} takes no ${isNova3 ? 'keywords' : 'keyterm'}`;
  }
  return undefined;
}

function wrongThresholds(query: URLSearchParams): string | undefined {
  const endOfTurn = Number(query.get('eot_threshold') ?? 0.7);
  const eager = Number(query.get('eager_eot_threshold') ?? endOfTurn);
  const timeoutMs = Number(query.get('eot_timeout_ms') ?? 5_000);
  if (endOfTurn < 0.5 || endOfTurn > 1 || eager < 0.3 || eager > 0.9 || eager > endOfTurn) {
    return 'the thresholds are out of range';
  }
  if (timeoutMs < 500 || timeoutMs > 60_000) {
    return 'eot_timeout_ms is out of range';
  }
  return query.has('language_hint') && query.get('model') !== 'flux-general-multi'
    ? 'language_hint is for flux-general-multi'
    : undefined;
}
