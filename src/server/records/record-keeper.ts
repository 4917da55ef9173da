/**
 * Keeps what an operator asked to be kept of calls: when a call is over, its record as a line of the day's file and, where
 * that is asked for too, what was said as captions in each language. All of it is written by the recorder; nothing here
 * waits for a disk, and no call notices.
 */

import { type Clock, turnOfLoop } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { asError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { Tally } from '../../base/tally.ts';
import type { CallEvent, UtteranceReport } from '../../call/call-events.ts';
import { type CallDetail, withoutNames } from '../../call/detail/call-detail.ts';
import type { CallPlan } from '../../call/plan.ts';
import { subRip, webVtt } from '../../call/transcript/caption-files.ts';
import { marksIn } from '../../call/transcript/marks.ts';
import type { Redaction } from '../../call/transcript/redaction.ts';
import { sideBySide } from '../../call/transcript/side-by-side.ts';
import { languagesIn, type Transcript, type TranscriptLine } from '../../call/transcript/transcript.ts';
import { TranscriptBook } from '../../call/transcript/transcript-book.ts';
import { compareValues } from '../../interpret/exactness/compare-values.ts';
import { callFolder } from '../recording/call-folder.ts';
import type { RecorderProcess } from '../recording/recorder-process.ts';
import type { EndedCalls, ServerView } from '../server-view.ts';
import { HeldWrites } from './held-writes.ts';
import { costOf, type PriceList } from './prices.ts';
import type { RecordArchive } from './record-archive.ts';

export interface KeepingOptions {
  /** Whether names of parties and what was dialled are kept. */
  readonly numbers: boolean;
  /** Below it, by day, a folder for the captions of each call, that of its recording; undefined: none are kept. */
  readonly transcriptDirectory: string | undefined;
  readonly redaction: Redaction;
  readonly prices: PriceList;
}

export interface KeeperDeps {
  readonly server: Pick<ServerView, 'watch' | 'call'> & EndedCalls;
  readonly archive: RecordArchive;
  readonly files: Pick<RecorderProcess, 'writeText'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What captions of a call are called in its folder. */
export const TRANSCRIPT_JSON = 'transcript.json';
const TRANSCRIPT_TEXT = 'transcript.txt';

/** Lines of a transcript that are looked at between two turns of the loop: each costs up to some tenths of a ms. */
const LINES_A_TURN = 10;

/** What is noted of a call that runs. */
interface Kept {
  readonly book: TranscriptBook | undefined;
  /** Utterances whose translation says another number, by direction. */
  readonly numbersLost: Tally<string>;
  /** Whether any of its sound was recorded. */
  recorded: boolean;
}

/** What is being written of a call. */
interface Writing {
  readonly record: CallDetail;
  /** Nothing of it is to be kept any more. */
  readonly unwanted: AbortController;
  done: Promise<void>;
}

export class RecordKeeper implements Counted {
  readonly counts = {
    /** What became of records and transcripts. */
    recordsKept: new Tally<'record' | 'transcript' | 'record-lost' | 'transcript-lost'>(),
  };
  readonly #options: KeepingOptions;
  readonly #deps: KeeperDeps;
  readonly #troubles: SparseLog<string>;
  readonly #calls = new Map<string, Kept>();
  /** Calls that are over and of which not all is written. */
  readonly #writing = new Set<Writing>();
  readonly #scope: Scope;
  readonly #writes: HeldWrites;
  readonly #kept = new Set<(detail: CallDetail, transcript: Transcript | undefined) => void>();

  /** Keeps all calls that end from now on, until it is closed. */
  constructor(options: KeepingOptions, deps: KeeperDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#troubles = new SparseLog(deps.log, deps.clock);
    this.#writes = new HeldWrites(deps.clock, deps.log);
    this.#scope = new Scope((error) => deps.log.error({ error }, 'records are not kept: a fault to report'));
    deps.server.watch((callId, event) => this.#hear(callId, event), this.#scope.signal);
    deps.server.watchEnds((detail, plan) => this.#ended(detail, plan), this.#scope.signal);
  }

  /** Tells of each call whose record is on the disk, with what was said where that is kept. */
  onKept(listener: (detail: CallDetail, transcript: Transcript | undefined) => void): void {
    this.#kept.add(listener);
  }

  /** What was said so far in a call that runs; undefined where that is not kept, or the call does not run. */
  transcriptOf(callId: string): Transcript | undefined {
    const transcript = this.#calls.get(callId)?.book?.transcript();
    return transcript === undefined ? undefined : this.#options.redaction.transcript(transcript);
  }

  /** What is held since a disk refuses it: records, and what was said. */
  get held(): number {
    return this.#writes.held;
  }

  /** The record of a call that is over and of which not all is written. @param call what it is called where it is shown. */
  writing(call: string): CallDetail | undefined {
    return [...this.#writing].find(({ record }) => record.call === call)?.record;
  }

  /** Writes no more of calls that are over; resolves when nothing of them is on its way to the disk. */
  async drop(meant: (record: CallDetail) => boolean): Promise<void> {
    const dropped = [...this.#writing].filter(({ record }) => meant(record));
    for (const { unwanted } of dropped) {
      unwanted.abort();
    }
    await Promise.all(dropped.map(({ done }) => done));
  }

  /** Resolves when all that has ended by now is written, or is lost. */
  async close(): Promise<void> {
    this.#writes.close();
    await Promise.all([...this.#writing].map(({ done }) => done));
    await this.#scope.close();
  }

  #hear(callId: string, event: CallEvent): void {
    const kept = this.#calls.get(callId) ?? this.#begin(callId);
    kept.book?.hear(event);
    kept.recorded ||= event.type === 'recording' && event.state === 'on';
    if (event.type === 'utterance' && event.report.outcome === 'spoken') {
      this.#compareNumbers(kept, event.report);
    }
  }

  #begin(callId: string): Kept {
    const { server, clock } = this.#deps;
    const view = server.call(callId);
    const book =
      this.#options.transcriptDirectory === undefined
        ? undefined
        : new TranscriptBook(view?.shownId ?? '', view?.startedAt ?? clock.wallTime());
    if (view?.recording === 'paused') {
      // It is kept once somebody asks for it.
      book?.hear({ type: 'recording', atMs: 0, state: 'paused' });
    }
    const kept: Kept = { book, numbersLost: new Tally(), recorded: view?.recording === 'on' };
    this.#calls.set(callId, kept);
    return kept;
  }

  #compareNumbers({ numbersLost }: Kept, { source, target }: UtteranceReport): void {
    const { outcome } = compareValues(source.piiText, source.language, target.piiText, target.language);
    if (outcome === 'another') {
      numbersLost.add(`${source.language} ${target.language}`);
    }
  }

  #ended(detail: CallDetail, plan: CallPlan): void {
    const kept = this.#calls.get(detail.callId ?? '');
    this.#calls.delete(detail.callId ?? '');
    const transcript = kept?.book?.transcript();
    const record = this.#recordOf(detail, kept, transcript);
    // At once: what is in the recorder's pipe outlives this process.
    const writing: Writing = { record, unwanted: new AbortController(), done: Promise.resolve() };
    this.#writing.add(writing);
    const written = this.#write(record, transcript, plan, writing.unwanted.signal);
    writing.done = written.finally(() => this.#writing.delete(writing));
  }

  #recordOf(detail: CallDetail, kept: Kept | undefined, transcript: Transcript | undefined): CallDetail {
    const cost = costOf(detail.engines, this.#options.prices);
    return {
      ...detail,
      parties: this.#options.numbers
        ? detail.parties.map((party) => this.#redacted(party))
        : withoutNames(detail),
      ...(detail.metadata === undefined ? {} : { metadata: this.#redactedValues(detail.metadata) }),
      directions: detail.directions.map((direction) => ({
        ...direction,
        numbersLost: kept?.numbersLost.get(`${direction.from} ${direction.to}`) ?? 0,
      })),
      ...(cost === undefined ? {} : { cost }),
      ...(kept?.recorded === true
        ? { recording: callFolder('', new Date(detail.startedAt), detail.call).slice(1) }
        : {}),
      ...(transcript === undefined || transcript.lines.length === 0
        ? {}
        : { transcripts: [...languagesIn(transcript)] }),
    };
  }

  #redacted({ piiName, legs, ...party }: CallDetail['parties'][number]): CallDetail['parties'][number] {
    const { redaction } = this.#options;
    return {
      ...party,
      ...(piiName === undefined ? {} : { piiName: redaction.text(piiName, undefined) }),
      legs: legs.map(({ piiDialled, ...leg }) => ({
        ...leg,
        ...(piiDialled === undefined ? {} : { piiDialled: redaction.text(piiDialled, undefined) }),
      })),
    };
  }

  #redactedValues(values: Readonly<Record<string, string>>): Record<string, string> {
    const { redaction } = this.#options;
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, redaction.text(value, undefined)]),
    );
  }

  async #write(
    record: CallDetail,
    transcript: Transcript | undefined,
    plan: CallPlan,
    unwanted: AbortSignal,
  ): Promise<void> {
    const { recordsKept } = this.counts;
    // Its failure may come while the transcript is still being made.
    const written = this.#writes
      .write(() => this.#deps.archive.add(record), unwanted)
      .then(
        () => undefined,
        (error: unknown) => asError(error),
      );
    const marked =
      record.transcripts === undefined
        ? undefined
        : await this.#writeTranscript(record, transcript, plan, unwanted);
    const failure = await written;
    if (unwanted.aborted) {
      return;
    }
    if (failure !== undefined) {
      recordsKept.add('record-lost');
      this.#troubles.warn(
        'record',
        { reason: failure.message },
        'the record of a call cannot be written: it is lost',
      );
      return;
    }
    recordsKept.add('record');
    for (const listener of this.#kept) {
      listener(record, marked);
    }
  }

  async #writeTranscript(
    record: CallDetail,
    transcript: Transcript | undefined,
    plan: CallPlan,
    unwanted: AbortSignal,
  ): Promise<Transcript | undefined> {
    const { transcriptDirectory } = this.#options;
    if (transcript === undefined || transcriptDirectory === undefined) {
      return undefined;
    }
    try {
      const marked = await this.#marked(transcript, plan);
      const folder = callFolder(transcriptDirectory, new Date(record.startedAt), record.call);
      await this.#writes.write(() => this.#writeTexts(folder, marked, unwanted), unwanted);
      this.counts.recordsKept.add('transcript');
      return marked;
    } catch (error) {
      if (unwanted.aborted) {
        return undefined;
      }
      this.counts.recordsKept.add('transcript-lost');
      this.#troubles.warn(
        'transcript',
        { reason: messageOf(error) },
        'what was said in a call cannot be written: it is lost',
      );
      return undefined;
    }
  }

  async #writeTexts(folder: string, transcript: Transcript, unwanted: AbortSignal): Promise<void> {
    const texts: readonly (readonly [name: string, text: () => string])[] = [
      [TRANSCRIPT_JSON, () => `${JSON.stringify(transcript, undefined, 1)}\n`],
      ...languagesIn(transcript).flatMap((language): readonly (readonly [string, () => string])[] => [
        [`captions.${language}.vtt`, () => webVtt(transcript, language)],
        [`captions.${language}.srt`, () => subRip(transcript, language)],
      ]),
      [TRANSCRIPT_TEXT, () => sideBySide(transcript)],
    ];
    for (const [name, text] of texts) {
      unwanted.throwIfAborted();
      await this.#deps.files.writeText(folder, name, text());
    }
  }

  /** Without what is taken out, and with what is worth checking marked; a little in each turn of the loop. */
  async #marked(transcript: Transcript, plan: CallPlan): Promise<Transcript> {
    const { redaction } = this.#options;
    const names = transcript.parties.map(({ name }) => name);
    const lines: TranscriptLine[] = [];
    for (const index of transcript.lines.keys()) {
      lines.push(markedLine(redaction.line(transcript.lines, index), names, plan));
      if (index % LINES_A_TURN === LINES_A_TURN - 1) {
        await turnOfLoop();
      }
    }
    return { ...redaction.transcript({ ...transcript, lines: [] }), lines };
  }
}

function markedLine(line: TranscriptLine, names: readonly string[], { glossary }: CallPlan): TranscriptLine {
  const { language, translations } = line;
  // A term is one in any of the directions that the line was translated in.
  const [to] = translations;
  const terms = to === undefined ? undefined : glossary(language, to.language);
  return {
    ...line,
    marks: marksIn(line.text, language, names, terms),
    translations: translations.map((translation) => ({
      ...translation,
      marks: marksIn(translation.text, translation.language, names, glossary(translation.language, language)),
    })),
  };
}
