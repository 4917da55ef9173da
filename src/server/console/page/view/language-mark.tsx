/** A language by its code, with its name for who points at it or listens to the page. */

const NAMES = new Intl.DisplayNames('en', { type: 'language' });

export function LanguageMark({ language }: { readonly language: string }) {
  return (
    <abbr class="lang" title={languageName(language)}>
      {language}
    </abbr>
  );
}

/** `Spanish`; the code itself where it is no language that the browser knows. */
export function languageName(language: string): string {
  try {
    return NAMES.of(language) ?? language;
  } catch {
    return language;
  }
}
