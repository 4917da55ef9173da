/**
 * Every metric that is ours: name with unit, type, labels and when to look at it. Labels are bounded: they take
 * words of our own code or languages of the configuration, never anything a caller can choose. Metrics that
 * other systems of the field have under the same name keep it; the others begin with `dragoman_`.
 */

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricEntry {
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
}

/** 5 ms to 12 s: fine where our own share lies, coarse where a listener has long noticed. */
const LATENCY_BUCKETS_S = [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 12];

/** 1 s, a connection that failed, to 2 h. */
const DURATION_BUCKETS_S = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200];

export const METRICS = {
  translation_latency_seconds: {
    type: 'histogram',
    labels: ['source_lang', 'target_lang', 'stage'],
    help: 'Time of each stage between the end of an utterance and the first sound of its last segment; one that began while the speaker was still speaking has no such time and is not observed; look at this when people say the translation comes late: the stage that grew is the one to mend.',
    buckets: LATENCY_BUCKETS_S,
  },
  dragoman_start_offset_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from the beginning of an utterance to its first translated sound; look at this when listeners say that nothing happens for long while somebody speaks.',
    buckets: LATENCY_BUCKETS_S,
  },
  dragoman_segment_latency_seconds: {
    type: 'histogram',
    labels: ['stage'],
    help: 'Time of each stage between cutting a segment off and its first sound, "mt", "tts" and "queue", what was done ahead taking none; look at this when translations trail behind: a queue that grows is speech that is longer than what it translates.',
    buckets: LATENCY_BUCKETS_S,
  },
  translations_completed_total: {
    type: 'counter',
    labels: ['outcome'],
    help: 'Utterances by what became of them; look at this when people say they hear nothing: "failed" is an engine, "nothing-said" is recognition that finds no words.',
  },
  words_translated_total: {
    type: 'counter',
    labels: [],
    help: 'Words that were translated; look at this when the bill of a provider surprises.',
  },
  dragoman_interpreting_total: {
    type: 'counter',
    labels: ['what'],
    help: 'What interpreters noted: work ahead that was used or thrown away, phrases known or not, numbers put back, words that later hearing contradicted, speech left alone; look at this when translations say what was not said, or nothing at all.',
  },
  translation_cache_hit_rate: {
    type: 'gauge',
    labels: [],
    help: 'Share of the translations asked for that were known already, 0 to 1, and 0 before the first; look at this when the bill of a provider surprises.',
  },
  frames_processed_total: {
    type: 'counter',
    labels: ['direction'],
    help: 'Frames of 20 ms, "in" from Asterisk and "out" to it; look at this when a line is silent: each leg makes 50 a second each way.',
  },
  audio_bytes_processed_total: {
    type: 'counter',
    labels: ['direction'],
    help: 'Bytes of sound, "in" from Asterisk and "out" to it; look at this when planning a network.',
  },
  errors_total: {
    type: 'counter',
    labels: ['component', 'error_type', 'severity'],
    help: 'Errors that a call worked around; look at this when service_health rises, to see which component to mend.',
  },
  recoveries_total: {
    type: 'counter',
    labels: ['component', 'tier', 'success'],
    help: 'Components that were started again after a failure; look at this when errors_total grows, to see whether it heals by itself.',
  },
  active_channels: {
    type: 'gauge',
    labels: [],
    help: 'Legs that are connected; look at this when planning capacity, next to dragoman_legs_limit.',
  },
  channel_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'How long legs that ended had lasted; look at this when calls are said to drop: many short ones are calls that failed.',
    buckets: DURATION_BUCKETS_S,
  },
  service_uptime_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Time since the process started; look at this when counters jump back to zero: a small number is a restart.',
  },
  service_health: {
    type: 'gauge',
    labels: [],
    help: '0 healthy, 1 degraded, 2 unhealthy, 3 failed, by the utterances of the last minute; look at this when deciding whether to wake somebody.',
  },
  dragoman_calls_active: {
    type: 'gauge',
    labels: [],
    help: 'Calls that run; look at this when waiting for a drain to end.',
  },
  dragoman_legs: {
    type: 'gauge',
    labels: ['state'],
    help: 'Legs by state; look at this when people hear only the original voice: legs that stay CONNECTED have no interpreter.',
  },
  dragoman_legs_limit: {
    type: 'gauge',
    labels: [],
    help: 'Legs that may be connected at the same time; look at this when active_channels comes near it.',
  },
  dragoman_draining: {
    type: 'gauge',
    labels: [],
    help: '1 while the process takes no new calls because it was asked to end; look at this when new calls are refused.',
  },
  dragoman_media_threads: {
    type: 'gauge',
    labels: [],
    help: 'Threads that process sound; look at this when frames are missing, next to the cores of the machine.',
  },
  dragoman_connections_accepted_total: {
    type: 'counter',
    labels: [],
    help: 'AudioSocket connections that were let in; look at this when calls do not arrive: if it stands still, Asterisk does not reach us.',
  },
  dragoman_connections_refused_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'AudioSocket connections that were turned away; look at this when callers are hung up at once.',
  },
  dragoman_legs_ended_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Legs that ended, by reason; look at this when calls are said to drop: "peer-closed" and "partner-left" are people hanging up.',
  },
  dragoman_queue_dropped_total: {
    type: 'counter',
    labels: ['queue'],
    help: 'Pieces of audio dropped from a full queue; look at this when words are missing: the queue names what is too slow.',
  },
  dragoman_frames_forgiven_total: {
    type: 'counter',
    labels: [],
    help: 'Frames given up because the process stood still past their time; look at this when sound is choppy: the machine is overloaded or was paused.',
  },
  dragoman_frames_missing_total: {
    type: 'counter',
    labels: [],
    help: 'Frames of silence sent because a media thread had nothing ready; look at this when sound is choppy: the media threads are overloaded.',
  },
  dragoman_playout_backlog_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Translated speech that waits to be heard, on the leg where most of it waits; look at this when people say the translation falls behind.',
  },
  dragoman_cues_total: {
    type: 'counter',
    labels: [],
    help: 'Signs of life played because a listener had heard nothing for 1.5 s; look at this when people say the line seems dead: something before playout is slow.',
  },
  dragoman_interruptions_total: {
    type: 'counter',
    labels: [],
    help: 'Times that a listener spoke into a translation for so long that it was softened; look at this when people say they talk over the interpreter.',
  },
  dragoman_media_restarts_total: {
    type: 'counter',
    labels: [],
    help: 'Legs whose media task was started again because its thread died; look at this when sound stops for a moment on many calls.',
  },
  dragoman_illegal_transitions_total: {
    type: 'counter',
    labels: [],
    help: 'Events that the life of a leg does not allow; look at this when it is not zero: it is a fault of ours to report.',
  },
  dragoman_dtmf_keys_total: {
    type: 'counter',
    labels: [],
    help: 'Keys that were pressed during calls; look at this when a key is said to do nothing.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof METRICS;
