/**
 * Every metric that is ours: name with unit, type, labels, when to look at it, and where it is read. Labels are
 * bounded: they take words of our own code or languages of the configuration, never anything a caller can choose.
 * Metrics that other systems of the field have under the same name keep it; the others begin with `dragoman_`.
 */

import { OUTCOMES } from '../../call/call-events.ts';
import { DOUBT_VERDICTS } from '../../engines/resilience/recovery-steps.ts';
import { NOTED } from '../../interpret/noted.ts';
import {
  buckets,
  buildInfo,
  cacheHitRate,
  clusterConnected,
  clusterMembers,
  clusterRecords,
  count,
  counts,
  depths,
  directionsServed,
  each,
  engineHealth,
  errors,
  fromZero,
  interpretedShare,
  lags,
  noted,
  operations,
  parties,
  type Read,
  type ReadBuckets,
  recoveries,
  relayedLegs,
  renderings,
  running,
  serviceHealth,
  state,
  states,
  sumOf,
  tally,
  threadTimes,
  uptime,
  wordTally,
} from './metric-readings.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricEntry {
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
  /** Reads a counter's totals or a gauge's values. */
  readonly read?: Read;
  /** Reads a histogram that objects keep; one without it observes events. */
  readonly readBuckets?: ReadBuckets;
}

/** 5 ms to 12 s: fine where our own share lies, coarse where a listener has long noticed. */
const LATENCY_BUCKETS_S = [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 12];

const LATENCY_BUCKETS_MS = LATENCY_BUCKETS_S.map((seconds) => seconds * 1_000);

/** Steps that are taken of all recoveries there are, so that the first one counts. */
const RECOVERIES = [
  'interpreter hard',
  'stt soft',
  'stt hard',
  'stt failover',
  'mt soft',
  'mt failover',
  'tts soft',
  'tts failover',
  'pipeline reset',
].flatMap((step) => {
  const [component = '', tier = ''] = step.split(' ');
  return ['true', 'false'].map((success) => ({ component, tier, success }));
});

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
  component_latency_milliseconds: {
    type: 'histogram',
    labels: ['component', 'operation'],
    help: 'Time of operations of engines in calls that succeeded: "final" after the end of an utterance, "translate", "first-sound" of a segment and its "speech", "open" of a stream, "catch-up" with speech; look at this when one stage of translation_latency_seconds grows.',
    buckets: LATENCY_BUCKETS_MS,
  },
  dragoman_engine_latency_seconds: {
    type: 'histogram',
    labels: ['component', 'engine', 'operation'],
    help: 'The same by engine; look at this when several engines do the same: the one that is slow is to be mended, or to come later in its list.',
    buckets: LATENCY_BUCKETS_S,
  },
  dragoman_engine_operations_total: {
    type: 'counter',
    labels: ['component', 'engine', 'operation', 'outcome'],
    read: operations,
    help: 'Operations of each engine by outcome, "done" or "failed", those by which it is tried included; look at this when dragoman_engine_health rises.',
  },
  dragoman_engine_under_way: {
    type: 'gauge',
    labels: ['component', 'engine', 'operation'],
    read: wordTally('engineUnderWay', ['component', 'engine', 'operation']),
    help: 'Operations of each engine that are under way, a "stream" for each connection of a recogniser; look at this when a provider says that there are too many.',
  },
  dragoman_engine_characters_total: {
    type: 'counter',
    labels: ['component', 'engine'],
    read: wordTally('engineCharacters', ['component', 'engine']),
    help: 'Characters that each engine was given to translate or to speak, those that were thrown away included; look at this when the bill of a provider surprises.',
  },
  dragoman_engine_speech_seconds_total: {
    type: 'counter',
    labels: ['component', 'engine'],
    read: wordTally('engineSpeechMs', ['component', 'engine'], 1_000),
    help: 'Speech that each engine was given to recognise, what it was given again included; look at this when the bill of a provider surprises.',
  },
  voice_embedding_cache_size: {
    type: 'gauge',
    labels: [],
    read: sumOf('voiceProfilesKept', 'engineVoicesKept'),
    help: 'Voice profiles, and what engines speak with, that are kept in memory; look at this when the first words of a call come late or in the neutral voice: what is kept is not fetched again.',
  },
  dragoman_voice_lookups_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('voiceLookUps', 'outcome'),
    help: 'Times that a voice profile was wanted: "kept" from memory, "read" from the store in time; with "late", "failed", "missing" and "unusable" (its consent has ended, or it is being deleted) the neutral voice speaks; look at this when somebody is heard with another voice than their own.',
  },
  dragoman_voice_store_starts_total: {
    type: 'counter',
    labels: [],
    read: count('voiceStoreStarts'),
    help: 'Times that the process that reads voice profiles (--voices-db) was started; look at this when it grows: it dies, and meanwhile neutral voices speak.',
  },
  queue_depth: {
    type: 'gauge',
    labels: ['queue'],
    read: depths,
    help: 'Pieces that wait, of all legs together: frames that arrived ("inbound"), utterances without a final ("stt"), segments being translated ("mt"), waiting for their first sound ("tts") and to be heard ("playout"); look at this when translations trail behind: the queue that grows stands before what is too slow.',
  },
  queue_wait_time_milliseconds: {
    type: 'histogram',
    labels: ['queue'],
    readBuckets: buckets({ inboundWait: 'inbound', playoutWait: 'playout' }, 'queue'),
    help: 'For how long frames that arrived waited to be heard ("inbound"), and segments from their first sound on to be spoken ("playout"); look at this when translations come late though every engine is fast.',
  },
  dragoman_match_delay_seconds_total: {
    type: 'counter',
    labels: [],
    read: count('matchHeldMs', 1_000),
    help: 'Speech held by --match-delay until the other direction would be as late; look at this when translations come later than their engines: the slower direction of the pair is the one to mend.',
  },
  translations_completed_total: {
    type: 'counter',
    labels: ['outcome'],
    read: fromZero(tally('utterances', 'outcome'), each('outcome', OUTCOMES)),
    help: 'Utterances by what became of them; look at this when people say they hear nothing: "failed" is an engine, "nothing-said" is recognition that finds no words.',
  },
  words_translated_total: {
    type: 'counter',
    labels: [],
    read: count('wordsTranslated'),
    help: 'Words that were translated; look at this when the bill of a provider surprises.',
  },
  dragoman_interpreting_total: {
    type: 'counter',
    labels: ['what'],
    read: fromZero(noted, each('what', NOTED)),
    help: 'What interpreters noted: work ahead that was used or thrown away, phrases known or not, numbers put back, stressed words found again or not, words that later hearing contradicted, speech left alone; look at this when translations say what was not said, or nothing at all.',
  },
  translation_cache_hit_rate: {
    type: 'gauge',
    labels: [],
    read: cacheHitRate,
    help: 'Share of the translations asked for that were known already, 0 to 1, and 0 before the first; look at this when the bill of a provider surprises.',
  },
  frames_processed_total: {
    type: 'counter',
    labels: ['direction'],
    read: counts('direction', { framesIn: 'in', framesOut: 'out' }),
    help: 'Frames of 20 ms, "in" from Asterisk and "out" to it; look at this when a line is silent: each leg makes 50 a second each way.',
  },
  audio_bytes_processed_total: {
    type: 'counter',
    labels: ['direction'],
    read: counts('direction', { bytesIn: 'in', bytesOut: 'out' }),
    help: 'Bytes of sound, "in" from Asterisk and "out" to it; look at this when planning a network.',
  },
  errors_total: {
    type: 'counter',
    labels: ['component', 'error_type', 'severity'],
    read: errors,
    help: 'Errors that a call worked around; look at this when service_health rises, to see which component to mend.',
  },
  dragoman_media_threads_hung_total: {
    type: 'counter',
    labels: [],
    read: count('mediaThreadsHung'),
    help: 'Media threads that hung in a loop and were replaced, their legs silent for half a second; look at this when it is not 0: it is a fault to report, with the log of that time.',
  },
  dragoman_stray_errors_total: {
    type: 'counter',
    labels: [],
    read: count('strayErrors'),
    help: 'Errors of ours that nobody caught, and that would have ended the process; look at this when it is not 0: the log says where each came from, which is a fault to report.',
  },
  dragoman_event_listeners_failed_total: {
    type: 'counter',
    labels: [],
    read: count('listenersFailed'),
    help: 'Times that a part of ours that hears what happens in calls failed at it; look at this when it is not 0: it is a fault to report, with the log of that time.',
  },
  recoveries_total: {
    type: 'counter',
    labels: ['component', 'tier', 'success'],
    read: fromZero(recoveries, RECOVERIES),
    help: 'Steps of recovery by tier, "soft" the same engine again, "hard" a component opened anew, "failover" another engine, "reset" a whole pipeline or the process; look at this when errors_total grows, to see whether it heals by itself.',
  },
  dragoman_engine_lags_total: {
    type: 'counter',
    labels: ['component'],
    read: fromZero(lags, each('component', ['stt', 'mt', 'tts'])),
    help: 'Operations of engines that took longer than they may lag: a final 300 ms, first sound 400 ms, a translation 1,200 ms; look at this when translations trail behind: the component is the one that is too slow.',
  },
  dragoman_recognition_doubts_total: {
    type: 'counter',
    labels: ['verdict'],
    read: fromZero(tally('streamDoubts', 'verdict'), each('verdict', DOUBT_VERDICTS)),
    help: 'Streams of recognition whose silence was taken for death, and what it was: "dead", a "false-alarm", or "unknown"; look at this when recognition costs more than it should: each had a second stream opened beside it.',
  },
  dragoman_voices_refused_total: {
    type: 'counter',
    labels: ['engine'],
    read: tally('voicesRefused', 'engine'),
    help: "Voices that an engine refused and spoke with another in their place, asked for again after 5 minutes; look at this when a caller's own voice is not heard: the log says why.",
  },
  dragoman_utterances_uninterpreted_total: {
    type: 'counter',
    labels: ['reason'],
    read: fromZero(tally('uninterpreted', 'reason'), each('reason', ['no-interpreter'])),
    help: 'Utterances that nothing could render, once for each language; look at this when people hear only the original voice.',
  },
  dragoman_original_let_through_total: {
    type: 'counter',
    labels: ['reason'],
    read: fromZero(tally('lettingThrough', 'reason'), each('reason', ['behind'])),
    help: 'Times that the original voice was let through in place of a translation that failed or was late, once for each language; look at this when people say that translations stop for a while.',
  },
  dragoman_speaker_registers_total: {
    type: 'counter',
    labels: ['what'],
    read: fromZero(tally('registers', 'what'), each('what', ['known', 'another'])),
    help: 'Times that how high a party speaks was known, and that another person was heard in its place, so that another voice speaks for it; look at this when voices change in the midst of calls.',
  },
  dragoman_engine_health: {
    type: 'gauge',
    labels: ['component', 'engine'],
    read: engineHealth,
    help: '0 healthy, 1 degraded, 2 unhealthy, 3 failed, of each engine by what it did in calls of late; look at this when service_health rises, to see which engine to mend.',
  },
  dragoman_recognition_streams_replaced_total: {
    type: 'counter',
    labels: ['error_type'],
    read: tally('streamsReplaced', 'error_type'),
    help: 'Streams of recognition that broke off and in whose place another heard the same speech again; look at this when translations come late now and then: a provider, or the way to it, drops connections.',
  },
  dragoman_engine_audio_dropped_seconds_total: {
    type: 'counter',
    labels: [],
    read: count('engineDroppedMs', 1_000),
    help: 'Speech that was given up because an engine did not take it in time; look at this when the beginnings of utterances are missing: a provider, or the way to it, is too slow.',
  },
  dragoman_speech_made_up_total: {
    type: 'counter',
    labels: ['reason'],
    read: tally('engineMadeUp', 'reason'),
    help: 'Texts that a recogniser wrote and nobody said, left out by what gave them away; look at this when listeners miss words (doubt), or hear some that were not spoken.',
  },
  active_channels: {
    type: 'gauge',
    labels: [],
    read: state(({ legsActive }) => legsActive),
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
    read: uptime,
    help: 'Time since the process started; look at this when counters jump back to zero: a small number is a restart.',
  },
  service_health: {
    type: 'gauge',
    labels: [],
    read: serviceHealth,
    help: '0 healthy, 1 degraded, 2 unhealthy, 3 failed, by the utterances of the last minute; look at this when deciding whether to wake somebody.',
  },
  success_rate: {
    type: 'gauge',
    labels: [],
    read: interpretedShare,
    help: 'Share of the utterances of the last minute that were interpreted, 0 to 1, and 1 when there were none; look at this when service_health rises.',
  },
  dragoman_build_info: {
    type: 'gauge',
    labels: ['version'],
    read: buildInfo,
    help: '1, with the version; look at this when two machines do not do the same.',
  },
  dragoman_direction_served: {
    type: 'gauge',
    labels: ['source_lang', 'target_lang'],
    read: directionsServed,
    help: '1 where a direction of the configuration is interpreted, 0 where voices are heard as they are; look at this when people hear only the original voice.',
  },
  dragoman_calls_active: {
    type: 'gauge',
    labels: [],
    read: state(({ callsActive }) => callsActive),
    help: 'Calls that run; look at this when waiting for a drain to end.',
  },
  dragoman_legs: {
    type: 'gauge',
    labels: ['state'],
    read: states('state', ({ legsByState }) => legsByState),
    help: 'Legs by state, and as DETACHED parties that have lost theirs; look at this when people hear only the original voice: legs that stay CONNECTED have no interpreter.',
  },
  dragoman_door_legs: {
    type: 'gauge',
    labels: ['door'],
    read: states('door', ({ legsByDoor }) => legsByDoor),
    help: 'Legs by the door they came in by, doors without legs included; look at this when calls by one way do not arrive.',
  },
  dragoman_parties: {
    type: 'gauge',
    labels: ['language'],
    read: parties,
    help: 'Parties of calls by language, those who wait for another leg included; look at this when planning engines.',
  },
  dragoman_renderings: {
    type: 'gauge',
    labels: ['source_lang', 'target_lang'],
    read: renderings,
    help: 'Parties whose speech is rendered into another language, once for each such language; look at this when planning engines: each is a stream of translations and of speech.',
  },
  dragoman_hearings_opened_total: {
    type: 'counter',
    labels: [],
    read: count('hearings'),
    help: 'Hearings that were opened, one for each party that is interpreted and one more whenever one was lost; look at this when it grows faster than parties join.',
  },
  dragoman_renderings_opened_total: {
    type: 'counter',
    labels: [],
    read: count('renderings'),
    help: 'Renderings that were opened, one for each language a party is rendered in and one more whenever one was lost; look at this when it grows faster than parties join.',
  },
  dragoman_legs_limit: {
    type: 'gauge',
    labels: [],
    read: state(({ maxLegs }) => maxLegs),
    help: 'Legs that may be connected at the same time; look at this when active_channels comes near it.',
  },
  dragoman_draining: {
    type: 'gauge',
    labels: [],
    read: state(({ draining }) => (draining ? 1 : 0)),
    help: '1 while the process takes no new calls because it was asked to end; look at this when new calls are refused.',
  },
  dragoman_media_threads: {
    type: 'gauge',
    labels: [],
    read: state(({ mediaThreads }) => mediaThreads),
    help: 'Threads that process sound; look at this when frames are missing, next to the cores of the machine.',
  },
  dragoman_thread_seconds_total: {
    type: 'counter',
    labels: ['thread'],
    read: threadTimes,
    help: 'Processor time of each thread that carries calls, "main" and "media-1" and so on; look at this when sound is choppy: its rate is 1 where a thread is full.',
  },
  dragoman_event_loop_lag_seconds: {
    type: 'histogram',
    labels: [],
    readBuckets: buckets({ loopLag: '' }, undefined, 1_000),
    help: 'How late the main thread came to its timers; look at this when everything is late by a little: connections, answers of engines and this page wait for it, the sound of AudioSocket does not.',
  },
  dragoman_pacing_lateness_seconds: {
    type: 'histogram',
    labels: [],
    readBuckets: buckets({ pacingLateness: '' }, undefined, 1_000),
    help: 'How late frames of 20 ms were sent, those that were given up left out; look at this when sound is choppy: Asterisk and telephones even out some 20 ms.',
  },
  dragoman_connections_accepted_total: {
    type: 'counter',
    labels: [],
    read: count('connectionsAccepted'),
    help: 'Connections that were let in, by AudioSocket and WebSocket; look at this when calls do not arrive: if it stands still, Asterisk does not reach us.',
  },
  dragoman_connections_refused_total: {
    type: 'counter',
    labels: ['reason'],
    read: fromZero(tally('connectionsRefused', 'reason'), each('reason', ['too-many-legs', 'no-uuid'])),
    help: 'Connections, by AudioSocket and WebSocket, that were turned away before they were legs, or left; look at this when callers are hung up at once, and at "no-uuid" and "too-many-newcomers" when strangers connect.',
  },
  dragoman_legs_ended_total: {
    type: 'counter',
    labels: ['reason'],
    read: tally('legsEnded', 'reason'),
    help: 'Legs that ended, by reason; look at this when calls are said to drop: "peer-closed" and "partner-left" are people hanging up.',
  },
  dragoman_agent_conversations_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('agentConversations', 'outcome'),
    help: 'Voice agents that were to come to a call, by what became of them; look at this when callers say that nobody answers: "not-opened" and "failed" are the provider\'s, and the log says why.',
  },
  dragoman_agent_interruptions_total: {
    type: 'counter',
    labels: [],
    read: count('agentInterruptions'),
    help: 'Times that a person fell into what a voice agent said, whose rest was left out; look at this when agents do not finish what they say: noise, or the agent itself on a loudspeaker, is taken for a person.',
  },
  dragoman_agi_requests_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('agiRequests', 'outcome'),
    help: 'Connections of AGI() in a dialplan, by what became of them; look at this when calls are of the wrong languages: only "registered" is a call that was registered; or when callers of voice agents end up nowhere: "transferred" and "not-transferred" are those who were asked for.',
  },
  dragoman_ari_phones_total: {
    type: 'counter',
    labels: ['reason'],
    read: tally('ariPhones', 'reason'),
    help: 'Phones that Asterisk kept for us by ARI and that are gone, by why; look at this when callers say that they are hung up or get nobody: "no-leg" is an Asterisk that cannot reach our listener, "bad-stasis" a line of the dialplan, which the log names.',
  },
  dragoman_ari_dials_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('ariDials', 'outcome'),
    help: 'Calls from phone to phone by ARI, by what became of them; look at this when nobody answers: "not-registered" is a phone that Asterisk does not know where to find.',
  },
  dragoman_ari_whispers_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('ariWhispers', 'outcome'),
    help: 'Wishes that a running call be interpreted (dragoman interpret), by what came of them; look at this when calls stay as they are: "no-call" is a channel that rings, or waits.',
  },
  dragoman_ari_legs_replaced_total: {
    type: 'counter',
    labels: [],
    read: count('ariLegsReplaced'),
    help: 'Legs of phones that were lost and fetched again into the same bridge; look at this when callers say that the sound is gone for a moment.',
  },
  dragoman_ari_connected_total: {
    type: 'counter',
    labels: [],
    read: count('ariConnected'),
    help: 'Times that the connection to ARI was opened; look at this when it grows: Asterisk is restarted, or what lies between closes it.',
  },
  dragoman_ari_call_connections_total: {
    type: 'counter',
    labels: ['kind'],
    read: tally('ariCallConnections', 'kind'),
    help: 'Connections that Asterisk opened to /ari for a call, by what they were; look at this when callers hear nothing for a moment or get no interpreter: "again" is one that broke and came back, "left-over" a call whose dragoman ended.',
  },
  dragoman_ari_troubles_total: {
    type: 'counter',
    labels: ['kind'],
    read: tally('ariTroubles', 'kind'),
    help: 'Times that ARI could not be connected or broke, by why; look at this when calls by Stasis() fail: "refused" is the password, "replaced" another program with the name of our application.',
  },
  dragoman_ari_requests_failed_total: {
    type: 'counter',
    labels: ['request'],
    read: tally('ariRequestsFailed', 'request'),
    help: 'Requests that Asterisk refused or did not answer, by what was asked; look at this when calls by ARI are slow to begin: some "hang-up" and "add-to-bridge" are usual, since what is gone is hung up all the same.',
  },
  dragoman_ari_lookups_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('ariLookUps', 'outcome'),
    help: 'Legs that came with nothing but a UUID and were looked up by ARI, by what came of it; look at this when parties are taken for others: "late" is an Asterisk that takes more than 150 ms.',
  },
  dragoman_ami_failed_total: {
    type: 'counter',
    labels: [],
    read: count('amiFailed'),
    help: "Times that Asterisk's manager interface did not make voices softer, or as loud as before (dragoman interpret --original); look at this when people in a running call hear each other badly: mend manager.conf.",
  },
  dragoman_ari_followed_total: {
    type: 'counter',
    labels: ['what'],
    read: tally('ariFollowed', 'what'),
    help: 'What ARI told of legs while they lasted: "held", on hold or parked, "another", somebody else is behind it, "known-late", who it is was not known in time when it came, and "failed", Asterisk does not say; look at this when "failed" grows: who comes by a transfer is spoken to in the language of who was there, and its user in ari.conf needs read_only = no.',
  },
  dragoman_ari_repairs_total: {
    type: 'counter',
    labels: ['repair'],
    read: tally('ariRepairs', 'repair'),
    help: 'What was not as it should be when Asterisk was asked what there is, by what was done; look at this when it grows while the connection to ARI stays: it is a fault to report.',
  },
  dragoman_rejoins_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('rejoins', 'outcome'),
    help: 'Places of parties whose leg ended: "came-back" by another leg within --rejoin, "took-over" before the old leg had ended, "stayed-away"; look at this when people are cut off while they hand a call on, or when "took-over" grows and nobody hands any on: one UUID is used twice.',
  },
  dragoman_recordings_active: {
    type: 'gauge',
    labels: [],
    read: running('recordings', 'recordingsEnded'),
    help: 'Calls that are recorded now; look at this when recordings are missing.',
  },
  dragoman_listeners: {
    type: 'gauge',
    labels: [],
    read: running('listensBegun', 'listensEnded'),
    help: 'Who listens to calls now, by the API; look at this when somebody asks whether calls are listened to: the log says by whom.',
  },
  dragoman_listen_dropped_seconds_total: {
    type: 'counter',
    labels: [],
    read: count('listenDroppedMs', 1_000),
    help: 'Sound that those who listen to calls did not take in time; look at this when what they hear has gaps: their connection is too slow.',
  },
  dragoman_recording_bytes_total: {
    type: 'counter',
    labels: [],
    read: count('recordingBytes'),
    help: 'Bytes of recordings that were written; look at this when the disk fills.',
  },
  dragoman_recording_frames_dropped_total: {
    type: 'counter',
    labels: [],
    read: count('recordingFramesDropped'),
    help: 'Frames of 20 ms that are silence in recordings because the disk was slow or full, or the recorder stood still; no call heard anything of it; look at this when recordings have gaps.',
  },
  dragoman_recording_notes_dropped_total: {
    type: 'counter',
    labels: [],
    read: count('recordingNotesDropped'),
    help: 'Pieces of what engines answered (--record-engines) that are missing for the same reasons; look at this when "dragoman replay" says that notes are missing.',
  },
  dragoman_recording_full: {
    type: 'gauge',
    labels: [],
    read: running('recordingsFull', 'recordingsRoom'),
    help: 'Whether recordings have stopped because their disk has less room than --record-free-space leaves; look at this when recordings are missing: make room, or keep them for fewer days.',
  },
  dragoman_recording_full_total: {
    type: 'counter',
    labels: [],
    read: count('recordingsFull'),
    help: 'Times that recordings have stopped for that reason; look at this when recordings have gaps of minutes.',
  },
  dragoman_recorder_failures_total: {
    type: 'counter',
    labels: [],
    read: count('recorderFailures'),
    help: 'Times that something of a call could not be written, read or removed; look at this when /health/report says that recording is degraded: the log says which file.',
  },
  dragoman_recorder_restarts_total: {
    type: 'counter',
    labels: [],
    read: count('recorderRestarts'),
    help: 'Times that the recorder process died, or stood still and was killed, and was started again; look at this when recordings have gaps.',
  },
  dragoman_traces_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('traces', 'outcome'),
    help: 'Utterances whose traces were to be sent (--traces), by what became of them; look at this when some are missing there: "refused" is a collector that does not want them, "given-up" one that is away, "dropped" one that is slow.',
  },
  dragoman_webhooks_total: {
    type: 'counter',
    labels: ['outcome'],
    read: fromZero(
      tally('webhooks', 'outcome'),
      each('outcome', ['delivered', 'failed', 'given-up', 'dropped']),
    ),
    help: 'Events for --webhook: "delivered", "failed" tries that are made again, "given-up" after the last of them, "dropped" because too many waited; look at this when your software misses something.',
  },
  dragoman_records_total: {
    type: 'counter',
    labels: ['what'],
    read: fromZero(
      tally('recordsKept', 'what'),
      each('what', ['record', 'transcript', 'record-lost', 'transcript-lost']),
    ),
    help: 'What was kept of calls with --records: "record", "transcript", and "record-lost", "transcript-lost", which could not be written; look at this when calls are missing from the records: the disk is full, or stands still.',
  },
  dragoman_records_forwarded_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('recordsForwarded', 'outcome'),
    help: 'Records on their way into the database of --records-db-url-file: "stored", "unstorable", which stay in their files, and "failed" tries that are made again; look at this when the database lacks calls.',
  },
  dragoman_summaries_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('summaries', 'outcome'),
    help: 'Summaries of calls by SUMMARY_URL: "written", "failed", which the log says why, and "dropped" because too many calls waited; look at this when calls lack their summary.',
  },
  dragoman_holds_total: {
    type: 'counter',
    labels: [],
    read: count('holds'),
    help: 'Times that a party was on hold: its connection stayed, and no sound came; look at this when people say that the interpreter was silent, or left out what was said: nothing is said to who is on hold.',
  },
  dragoman_hold_frames_total: {
    type: 'counter',
    labels: [],
    read: count('framesHeld'),
    help: 'Frames that came from who is on hold by what Asterisk tells, and were not listened to, since they are music; look at this when somebody is not heard at all: Asterisk did not tell of the end of a hold.',
  },
  dragoman_party_changes_total: {
    type: 'counter',
    labels: ['what'],
    read: tally('partiesChanged', 'what'),
    help: 'Places of calls at which somebody else was all at once, "person", as when a call is handed on, or whose language or voice was changed, "known"; look at this when somebody is spoken to in the wrong language.',
  },
  dragoman_party_resets_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('resets', 'outcome'),
    help: 'Times that all of a party\'s pipeline was to be started anew because nothing else had helped, "cooling-down" less than 60 s after the last time; look at this when it is not zero: something of ours or an engine\'s hangs.',
  },
  dragoman_queue_dropped_total: {
    type: 'counter',
    labels: ['queue'],
    read: counts('queue', {
      socketDropped: 'socket',
      speechLost: 'speech',
      inboundLost: 'inbound',
      liveLost: 'live',
      liveTrimmed: 'live-late',
      playoutDropped: 'playout',
      rejoinDropped: 'rejoin',
      framesLeftOut: 'asterisk',
      heldDropped: 'held',
      earlyDropped: 'early',
      agentSpeechDropped: 'agent',
      relayedDropped: 'relayed',
    }),
    help: 'Pieces of audio dropped from a full queue; look at this when words are missing: the queue names what is too slow.',
  },
  dragoman_frames_forgiven_total: {
    type: 'counter',
    labels: [],
    read: count('framesForgiven'),
    help: 'Frames given up because the process stood still past their time; look at this when sound is choppy: the machine is overloaded or was paused.',
  },
  dragoman_frames_missing_total: {
    type: 'counter',
    labels: [],
    read: count('framesMissing'),
    help: 'Frames of silence sent because a media thread had nothing ready; look at this when sound is choppy: the media threads are overloaded.',
  },
  dragoman_sound_missing_total: {
    type: 'counter',
    labels: ['of'],
    read: counts('of', { liveMissing: 'voice', playoutMissing: 'translation' }),
    help: 'Frames of 20 ms for which nothing had come in the midst of a "voice" or a "translation" that was being heard; look at this when sound is choppy and dragoman_frames_missing_total is not the reason: the way to Asterisk is uneven, or an engine speaks more slowly than it is listened to.',
  },
  dragoman_media_ticks_missed_total: {
    type: 'counter',
    labels: [],
    read: count('ticksMissed'),
    help: 'Looks at a leg, each 20 ms, that never happened because its media thread stood still; look at this when sound is choppy: the media threads are overloaded, or the machine was paused.',
  },
  dragoman_playout_backlog_seconds: {
    type: 'gauge',
    labels: [],
    read: state(({ longestBacklogMs }) => longestBacklogMs / 1_000),
    help: 'Translated speech that waits to be heard, on the leg where most of it waits; look at this when people say the translation falls behind.',
  },
  dragoman_tempo_ratio: {
    type: 'gauge',
    labels: [],
    read: state(({ highestTempo }) => highestTempo),
    help: 'How fast translations are spoken, on the leg where that is fastest, 1 to 1.3 times their natural speed; look at this when people say that the interpreter speaks too fast: speech waits behind what is spoken.',
  },
  dragoman_rtp_packets_total: {
    type: 'counter',
    labels: ['what'],
    read: counts('what', {
      rtpLost: 'lost',
      rtpLate: 'late',
      rtpDuplicates: 'duplicate',
      rtpDropped: 'dropped',
      rtpMadeUp: 'made-up',
    }),
    help: 'Packets of legs over RTP that were not as they should be: "lost" were not there in time, "late" came after it and are among them, "dropped" were too many at once, "made-up" are pieces of sound put in their place; look at this when a voice is broken: the network between Asterisk and us loses packets.',
  },
  dragoman_rtp_streams_total: {
    type: 'counter',
    labels: [],
    read: count('rtpStreams'),
    help: 'Streams of packets that were heard, one of each leg over RTP and one more whenever Asterisk begins another; look at this when it grows faster than legs come: what was held back of the one before is lost.',
  },
  dragoman_rtp_refused_total: {
    type: 'counter',
    labels: ['reason'],
    read: tally('rtpRefused', 'reason'),
    help: 'Packets on the port of legs over RTP that were not heard, by reason; look at this when a leg over RTP is silent: "unknown-source" comes from where no leg is expected, "unknown-payload" is a codec that cannot be heard.',
  },
  dragoman_rtp_held_seconds: {
    type: 'gauge',
    labels: [],
    read: state(({ longestHeldMs }) => longestHeldMs / 1_000),
    help: 'How long packets are held back to be in order, on the leg over RTP where it is longest, 0.02 to 0.2; look at this when a voice is late: the network delays packets unevenly.',
  },
  dragoman_cues_total: {
    type: 'counter',
    labels: [],
    read: count('cues'),
    help: 'Signs of life played because a listener had heard nothing for 1.5 s; look at this when people say the line seems dead: something before playout is slow.',
  },
  dragoman_interruptions_total: {
    type: 'counter',
    labels: [],
    read: count('interruptions'),
    help: 'Times that a listener spoke into a translation for so long that it was softened; look at this when people say they talk over the interpreter.',
  },
  dragoman_media_restarts_total: {
    type: 'counter',
    labels: [],
    read: count('mediaRestarts'),
    help: 'Legs whose media task was started again because its thread died; look at this when sound stops for a moment on many calls.',
  },
  dragoman_illegal_transitions_total: {
    type: 'counter',
    labels: [],
    read: count('illegalTransitions'),
    help: 'Events that the life of a leg does not allow; look at this when it is not zero: it is a fault of ours to report.',
  },
  dragoman_dtmf_keys_total: {
    type: 'counter',
    labels: [],
    read: count('keys'),
    help: 'Keys that were pressed during calls; look at this when a key is said to do nothing.',
  },
  dragoman_cluster_connected: {
    type: 'gauge',
    labels: [],
    read: clusterConnected,
    help: 'Whether the broker of --cluster is there: 1 or 0; look at this when calls do not go on at other nodes. Calls that run do not need it.',
  },
  dragoman_cluster_members: {
    type: 'gauge',
    labels: ['state'],
    read: clusterMembers,
    help: 'Nodes that this one knows, itself included, by how they are; look at this when one is lost, or nodes know different ones.',
  },
  dragoman_cluster_records: {
    type: 'gauge',
    labels: [],
    read: clusterRecords,
    help: 'Calls of all nodes that this one could go on with; look at this when it is not the same on all.',
  },
  dragoman_cluster_nodes_lost_total: {
    type: 'counter',
    labels: [],
    read: count('clusterNodesLost'),
    help: 'Times that another node fell silent or could not be reached; look at this when calls changed their node.',
  },
  dragoman_cluster_adoptions_total: {
    type: 'counter',
    labels: [],
    read: count('callsResumed'),
    help: 'Calls that went on at this node because theirs was gone, or gave them away; look at this when a node is lost.',
  },
  dragoman_cluster_handovers_total: {
    type: 'counter',
    labels: ['when'],
    read: tally('callsHandedOver', 'when'),
    help: 'Calls that this node gave to others, at a pause or in the midst of speech; look at this when a node is replaced.',
  },
  dragoman_cluster_handovers_waiting_total: {
    type: 'counter',
    labels: [],
    read: count('handOversWithoutNode'),
    help: 'Looks, ten a second, at calls that are to go to another node and that none takes; look at this when a node takes long to drain: the others are full, drain, or are not known.',
  },
  dragoman_cluster_yielded_total: {
    type: 'counter',
    labels: [],
    read: count('clusterCallsLost'),
    help: 'Calls of this node that another one had by right, so that their legs went there; look at this when nodes did not hear each other.',
  },
  dragoman_cluster_relayed_legs: {
    type: 'gauge',
    labels: [],
    read: relayedLegs,
    help: 'Legs that are passed on to other nodes now; look at this when there are many: both legs of a call should dial one node.',
  },
  dragoman_cluster_legs_elsewhere_total: {
    type: 'counter',
    labels: ['outcome'],
    read: tally('legsForOthers', 'outcome'),
    help: 'Legs whose call was at another node, by what became of passing them on; look at this when legs come to the wrong node.',
  },
  dragoman_cluster_links_lost_total: {
    type: 'counter',
    labels: [],
    read: count('clusterLinksLost'),
    help: 'Times that the connection to the broker broke; look at this when nodes are taken for lost that run.',
  },
  dragoman_cluster_messages_total: {
    type: 'counter',
    labels: ['direction'],
    read: counts('direction', { clusterMessagesSent: 'out', clusterMessagesReceived: 'in' }),
    help: 'Messages to the other nodes, "out", and from them, "in"; look at this when nodes do not know each other: one that grows alone is a permission that lacks at the broker.',
  },
  dragoman_cluster_records_told_total: {
    type: 'counter',
    labels: ['what'],
    read: counts('what', {
      recordsTold: 'told',
      recordsCut: 'cut',
      clusterRecordsAsked: 'asked',
      clusterRecordsUnreadable: 'unreadable',
    }),
    help: 'Records with which another node goes on with a call: "told" by this node, "cut" by what was too much for one, "asked" of others whose were not heard, and "unreadable" when one was needed; look at this when a call that went on had forgotten something, or began anew: nodes of other versions, or a broker that loses messages.',
  },
  dragoman_cluster_places_lost_total: {
    type: 'counter',
    labels: ['why'],
    read: counts('why', { clusterPlacesDropped: 'too-many', clusterPlacesFailed: 'not-told' }),
    help: 'Places of registered calls that were forgotten as "too-many", or could not be told at once, "not-told", which is tried again; look at this when a leg of a registered call is refused: the bucket of the broker is slow or away.',
  },
  dragoman_cluster_messages_refused_total: {
    type: 'counter',
    labels: ['why'],
    read: tally('clusterMessagesRefused', 'why'),
    help: 'Messages of the broker that were none of dragoman, of another version, or asked too often; look at this when nodes do not know each other, or strangers may publish.',
  },
  dragoman_cluster_messages_unsent_total: {
    type: 'counter',
    labels: [],
    read: count('clusterMessagesUnsent'),
    help: 'Messages that were lost because the broker was away or did not take them, and are told anew; look at this when it is slow.',
  },
  dragoman_cluster_records_dropped_total: {
    type: 'counter',
    labels: [],
    read: count('clusterRecordsDropped'),
    help: 'Calls of other nodes that were forgotten because there were too many; look at this when a call began anew elsewhere.',
  },
  dragoman_log_lines_dropped_total: {
    type: 'counter',
    labels: [],
    read: count('logLinesDropped'),
    help: 'Lines of the log that were given up because what reads stdout was too slow, or gone; look at this when something is missing from the log.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof METRICS;
