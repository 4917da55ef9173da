/**
 * What is said in a call: a line for each utterance, a column for each language, so that the original and its
 * translations stand side by side. What is being said now is dimmed until recognition stays with it.
 */

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ShownAccess } from '../../../http/api/access-routes.ts';
import type { CallModel } from '../state/call-model.ts';
import { type CaptionLine, renderedIn } from '../state/caption-book.ts';
import { shownDuration } from '../state/shown-numbers.ts';
import { useConsole } from './console-context.tsx';
import { languageName } from './language-mark.tsx';

/** Lines read out by who listens to the page. */
const MOST_READ_OUT = 3;
/** Who is within so many px of the end is kept at the end, in px. */
const AT_END_PX = 40;

export interface CaptionsProps {
  readonly call: CallModel;
  /** Of a call that is told again: where one is, in ms since it began. */
  readonly atMs?: number;
}

export function Captions({ call, atMs }: CaptionsProps) {
  const lines = call.lines.value.filter(hasWords);
  const { model } = useConsole();
  const { languages } = call;
  const box = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current !== null && atEnd.current && atMs === undefined) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [lines, atMs]);
  return (
    <section class="card" aria-label="Captions">
      {lines.length === 0 ? (
        <p class="empty">{silenceOf(call, model.access.value)}</p>
      ) : (
        <section
          class="said"
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: who scrolls by keyboard must be able to be here.
          tabIndex={0}
          aria-label="What was said"
          onScroll={({ currentTarget }) => {
            const { scrollHeight, scrollTop, clientHeight } = currentTarget;
            atEnd.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
          }}
        >
          <table class="captions">
            <thead>
              <tr>
                <th scope="col" class="when">
                  When, who
                </th>
                {languages.map((language) => (
                  <th key={language} scope="col">
                    {languageName(language)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <Line
                  key={line.key}
                  call={call}
                  line={line}
                  languages={languages}
                  place={placeOf(line, atMs)}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {atMs === undefined && <ReadOut call={call} lines={lines} />}
    </section>
  );
}

function Line({
  call,
  line,
  languages,
  place,
}: {
  readonly call: CallModel;
  readonly line: CaptionLine;
  readonly languages: readonly string[];
  readonly place: string | undefined;
}) {
  const own = call.partyOf(line.party)?.facts.value;
  return (
    <tr class={place}>
      <th scope="row">
        {shownDuration(line.atMs)} {own?.name ?? line.party}
      </th>
      {languages.map((language) => (
        <td key={language} class={styleOf(line, language === own?.language)} lang={language} dir="auto">
          {language === own?.language ? line.said : renderedIn(line, language)}
        </td>
      ))}
    </tr>
  );
}

/** The latest that is certain, for who listens to the page: nothing that may still change. */
function ReadOut({ call, lines }: { readonly call: CallModel; readonly lines: readonly CaptionLine[] }) {
  const latest = lines.filter(({ final }) => final).slice(-MOST_READ_OUT);
  return (
    <div class="unseen" role="log" aria-live="polite" aria-label="Captions as they come">
      {latest.map((line) => {
        const own = call.partyOf(line.party)?.facts.value;
        return (
          <p key={line.key}>
            {own?.name ?? line.party}: <span lang={own?.language}>{line.said}</span>
          </p>
        );
      })}
    </div>
  );
}

function hasWords(line: CaptionLine): boolean {
  return line.said !== '' || line.segments.some(({ text }) => text !== '');
}

function silenceOf({ lines, endedAt }: CallModel, access: ShownAccess | undefined): string {
  if (lines.value.length > 0) {
    return access === undefined || access.scopes.includes('captions')
      ? 'What is said is not shared here: start the server with --captions.'
      : `The token "${access.name}" may not read what is said: write captions behind it in the file of --api-token-file.`;
  }
  return endedAt.value === undefined ? 'Nothing has been said yet.' : 'Nothing was said.';
}

function styleOf({ final }: CaptionLine, own: boolean): string {
  return own ? (final ? 'own' : 'own going-on') : 'heard';
}

/** How a line stands to the place where one is in a call that is told again. */
function placeOf({ atMs: fromMs, reports }: CaptionLine, atMs: number | undefined): string | undefined {
  if (atMs === undefined) {
    return undefined;
  }
  const toMs = Math.max(fromMs, ...reports.map(({ source, target }) => target.endMs ?? source.endMs));
  return fromMs > atMs ? 'to-come' : toMs >= atMs ? 'now' : 'past';
}
