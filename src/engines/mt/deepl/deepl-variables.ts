/** How an operator sets DeepL up, for text and for DeepL Voice. */

import { AppError } from '../../../base/errors.ts';
import { parseByDirection, parseList } from '../../../base/values.ts';
import { keyVariable, parseHttpUrl, provider, variable } from '../../variables.ts';

const GLOSSARY_ID = /^[\w-]+$/;

export const DEEPL = provider('apiKey', {
  apiKey: keyVariable('DEEPL_API_KEY', 'translation by DeepL (--mt deepl, --interpreter deepl-voice)'),
  url: variable('DEEPL_URL', parseHttpUrl, 'another address of it; the default follows from the key'),
  formality: variable(
    'DEEPL_FORMALITY',
    parseFormality,
    'how people are addressed: default, less or more formally',
  ),
  glossaries: variable(
    'DEEPL_GLOSSARY',
    parseGlossaryIds,
    'glossaries of the account by direction: en:fr=id,fr:en=id',
  ),
});

function parseFormality(text: string): 'default' | 'less' | 'more' {
  if (text !== 'default' && text !== 'less' && text !== 'more') {
    throw new AppError('bad-option', `"${text}" is not possible: write default, less or more`);
  }
  return text;
}

/** Ids by direction, `en:fr`. */
function parseGlossaryIds(text: string): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [pair, id] of parseList(parseGlossaryId)(text)) {
    if (ids.has(pair)) {
      throw new AppError('bad-option', `there are two glossaries for ${pair}: write one for each direction`);
    }
    ids.set(pair, id);
  }
  return ids;
}

function parseGlossaryId(text: string): readonly [string, string] {
  const [pair, id] = parseByDirection('en:fr=id')(text);
  if (!GLOSSARY_ID.test(id)) {
    throw new AppError(
      'bad-option',
      `"${text}" has no id of a glossary: write en:fr=id, as the account lists it`,
    );
  }
  return [pair, id];
}
