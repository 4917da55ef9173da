/** The metrics as Prometheus reads them, of a server that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { BucketCounts } from '../../../src/base/bucket-counts.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { Tally } from '../../../src/base/tally.ts';
import type { CallEvent } from '../../../src/call/call-events.ts';
import type { LegState } from '../../../src/call/leg-states.ts';
import type { ServiceHealth } from '../../../src/engines/resilience/health-window.ts';
import { METRICS, type MetricEntry } from '../../../src/server/metrics/metric-catalogue.ts';
import { Metrics } from '../../../src/server/metrics/metrics.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { hurriedClock } from '../../base/hurried-clock.ts';
import { FakeInterpretingView } from '../http/fake-interpreting-view.ts';
import { FakeNodes } from '../http/fake-nodes.ts';
import { ENDED, FakeServerView, IDLE, spoken, utteranceOf } from '../http/fake-server-view.ts';

const open: Metrics[] = [];
afterEach(() => {
  for (const metrics of open.splice(0)) {
    metrics.close();
  }
});

function start<Time extends Clock = FakeClock>(time?: Time) {
  const view = new FakeServerView();
  const clock = time ?? new FakeClock();
  const state: { health: ServiceHealth; utterances: number; failures: number } = {
    ...{ health: 'HEALTHY', utterances: 0, failures: 0 },
  };
  const interpreting = new FakeInterpretingView();
  const metrics = new Metrics(
    { languages: new Set(['en', 'es']), startedAtMs: clock.nowMs(), version: '1.2.3' },
    { view, clock, health: () => state.health, utterances: state, interpreting, nodes: new FakeNodes() },
  );
  open.push(metrics);
  return { view, clock, state, interpreting, metrics };
}

/** The samples of an exposition: value by name and labels as they are written. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const split = line.lastIndexOf(' ');
        return [line.slice(0, split), Number(line.slice(split + 1))];
      }),
  );
}

function partyState(party: string, state: LegState, atMs: number): CallEvent {
  return { type: 'party-state', atMs, party, name: party, state, language: 'en' };
}

function tallyOf(counts: Readonly<Record<string, number>>): Tally<string> {
  const tally = new Tally<string>();
  for (const [word, count] of Object.entries(counts)) {
    tally.add(word, count);
  }
  return tally;
}

/** Counters that have a zero for what never happened. */
const FROM_ZERO =
  /^(recoveries|dragoman_(interpreting|engine_lags|recognition_doubts|utterances_uninterpreted|original_let_through|connections_refused)|translations_completed)_total/;

describe('Metrics', () => {
  it('exports each metric of the catalogue, with its type, and nothing else of ours', async () => {
    const { metrics } = start();
    const types = new Map<string, string>();
    for (const line of (await metrics.expose()).split('\n')) {
      const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      // Those of Node and of the process come with prom-client.
      if (name !== '' && !/^(nodejs|process)_/.test(name)) {
        types.set(name, type);
      }
    }
    const expected = Object.entries<MetricEntry>(METRICS).map(([name, { type }]) => [name, type] as const);
    assert.deepEqual(types, new Map(expected));
  });

  it('lets the loop turn while it is read, and has one reading for all who ask meanwhile', async () => {
    const { view, metrics } = start(hurriedClock());
    view.counts = { framesIn: 7 };
    let turns = 0;
    let reading = true;
    const turn = (): void => {
      turns += 1;
      if (reading) {
        setImmediate(turn);
      }
    };
    setImmediate(turn);
    const [one, other] = await Promise.all([metrics.expose(), metrics.expose()]);
    reading = false;
    // Once for each as it is read, and again as it is written.
    assert.ok(turns > 2 * Object.keys(METRICS).length, `${turns} turns`);
    assert.equal(one, other);
    assert.match(one, /^frames_processed_total\{direction="in"\} 7$/m);
    assert.match(one, /[^\n]\n$/);
    const closed = metrics.expose();
    metrics.close();
    await closed;
  });

  it('leaves out what prom-client names as counters are and is none', async () => {
    const { metrics } = start();
    assert.doesNotMatch(await metrics.expose(), /^# TYPE \w+_total gauge$/m);
    assert.match(await metrics.expose(), /^# TYPE nodejs_eventloop_lag_p99_seconds gauge$/m);
  });

  it('says nothing of what is not there, such as other nodes', async () => {
    const alone = start();
    alone.metrics.close();
    const metrics = new Metrics(
      { languages: new Set(['en']), startedAtMs: 0, version: '1.2.3' },
      { ...alone, health: () => 'HEALTHY', utterances: alone.state, nodes: undefined },
    );
    open.push(metrics);
    assert.doesNotMatch(await metrics.expose(), /^dragoman_cluster_(connected|records|members)\b.* \d/m);
  });

  it('has units in its names and says when to look', () => {
    for (const [name, { type, help }] of Object.entries<MetricEntry>(METRICS)) {
      assert.equal(type === 'counter', name.endsWith('_total'), name);
      assert.match(help, /look at this when .*\.$/, name);
    }
  });

  it('exports what the server tells of itself', async () => {
    const { view, clock, interpreting, metrics } = start();
    const translate = { operation: 'translate', done: 8, failed: 2 } as const;
    interpreting.currentEngines = [{ component: 'mt', engine: 'deepl', operations: [translate] }];
    interpreting.currentDirections = [
      { from: 'en', to: 'es', state: 'served', reasons: [] },
      { from: 'es', to: 'en', state: 'unserved', reasons: ['no recogniser'] },
    ];
    view.current = {
      draining: true,
      legsActive: 3,
      callsActive: 2,
      legsByState: new Map([
        ['TRANSLATING', 2],
        ['RINGING', 1],
      ]),
      maxLegs: 100,
      mediaThreads: 4,
      mediaThreadsHung: 0,
      longestBacklogMs: 1_500,
      longestHeldMs: 60,
      highestTempo: 1.25,
      framesUnheard: 3,
      segmentsWaiting: 4,
      legsByDoor: new Map([['audiosocket 127.0.0.1:5050', 3]]),
      partiesByLanguage: new Map([
        ['en', 2],
        ['tlh', 1],
      ]),
      renderings: [{ from: 'en', to: 'es', count: 2 }],
      threads: [
        { name: 'main', ranMs: 1_500 },
        { name: 'media-1', ranMs: 250 },
      ],
    };
    view.counts = {
      connectionsAccepted: 11,
      connectionsRefused: tallyOf({ 'not-allowed': 4 }),
      legsEnded: tallyOf({ 'peer-closed': 5 }),
      framesIn: 1_000,
      framesOut: 1_001,
      bytesIn: 320_000,
      bytesOut: 320_320,
      framesForgiven: 6,
      framesMissing: 7,
      cues: 2,
      interruptions: 1,
      speechLost: 8,
      keys: 9,
      logLinesDropped: 7,
      mediaRestarts: 1,
      utterances: tallyOf({ spoken: 12, failed: 2 }),
      wordsTranslated: 77,
      noted: tallyOf({ 'cache-hit': 3, 'cache-miss': 9, 'what a newer interpreter notes': 1 }),
      errors: tallyOf({ 'stt engine-died HIGH': 3 }),
      recoveries: tallyOf({ true: 2, false: 1 }),
      recoverySteps: tallyOf({ 'mt failover true': 5 }),
      engineLags: tallyOf({ tts: 4 }),
      voicesRefused: tallyOf({ elevenlabs: 2 }),
      lettingThrough: tallyOf({ behind: 2 }),
      registers: tallyOf({ known: 3 }),
      uninterpreted: tallyOf({ 'no-interpreter': 6 }),
      streamsReplaced: tallyOf({ 'engine-timeout': 2 }),
      illegalTransitions: 1,
      agentConversations: tallyOf({ 'not-opened': 2 }),
      agiRequests: tallyOf({ registered: 6 }),
      ariPhones: tallyOf({ 'hung-up': 2 }),
      ariDials: tallyOf({ busy: 1 }),
      ariLegsReplaced: 1,
      ariFollowed: tallyOf({ another: 4 }),
      amiFailed: 5,
      ariConnected: 2,
      ariCallConnections: tallyOf({ new: 4 }),
      ariTroubles: tallyOf({ away: 1 }),
      ariRequestsFailed: tallyOf({ originate: 1 }),
      ariLookUps: tallyOf({ found: 3 }),
      ariRepairs: tallyOf({ 'phone-gone': 1 }),
      traces: tallyOf({ delivered: 32 }),
      webhooks: tallyOf({ delivered: 31 }),
      recordsKept: tallyOf({ record: 36 }),
      recordsForwarded: tallyOf({ stored: 37 }),
      summaries: tallyOf({ written: 38 }),
      ...{ recordings: 5, recordingsEnded: 3, recordingBytes: 640, recordingFramesDropped: 7 },
      ...{ clusterNodesLost: 61, callsResumed: 62, clusterCallsLost: 63, handOversWithoutNode: 70 },
      ...{ clusterLinksLost: 71, clusterMessagesSent: 72, clusterMessagesReceived: 73 },
      ...{ recordsTold: 74, recordsCut: 75, clusterRecordsAsked: 76, clusterRecordsUnreadable: 77 },
      ...{ clusterPlacesDropped: 78, clusterPlacesFailed: 79, relayedDropped: 80 },
      ...{ agentSpeechDropped: 81, agentInterruptions: 82, voiceStoreStarts: 83, listenersFailed: 84 },
      ...{ framesHeld: 85, liveMissing: 86, playoutMissing: 87, ticksMissed: 88, rtpStreams: 89 },
      ...{ clusterMessagesUnsent: 64, clusterRecordsDropped: 65, relaysBegun: 9 },
      callsHandedOver: tallyOf({ pause: 66, midway: 67 }),
      legsForOthers: tallyOf({ 'passed-on': 68 }),
      relaysEnded: tallyOf({ 'leg-left': 4, closing: 2 }),
      clusterMessagesRefused: tallyOf({ unreadable: 69 }),
      ...{ recorderFailures: 2, recorderRestarts: 1, recordingNotesDropped: 39 },
      ...{ recordingsFull: 41, recordingsRoom: 40 },
      ...{ listensBegun: 9, listensEnded: 5, listenDroppedMs: 2_500 },
      rejoins: tallyOf({ 'came-back': 3, 'stayed-away': 1 }),
      rejoinDropped: 2,
      heldDropped: 27,
      earlyDropped: 26,
      holds: 28,
      rtpLost: 21,
      rtpLate: 22,
      rtpDuplicates: 23,
      rtpDropped: 24,
      rtpMadeUp: 25,
      rtpRefused: tallyOf({ 'unknown-source': 26 }),
      partiesChanged: tallyOf({ person: 2 }),
      matchHeldMs: 1_500,
      resets: tallyOf({ reset: 1 }),
      engineDroppedMs: 2_500,
      engineMadeUp: tallyOf({ phrase: 4, doubt: 1 }),
      engineUnderWay: tallyOf({
        ...{ 'stt deepgram stream': 2, 'stt deepgram final': 1, 's2s deepl-voice catch-up': 1 },
        ...{ 'mt deepl translate': 2, 'tts xtts first-sound': 3 },
      }),
      engineCharacters: tallyOf({ 'mt deepl': 321, 'tts xtts': 123 }),
      engineSpeechMs: tallyOf({ 'stt deepgram': 4_500 }),
      engineVoicesKept: 2,
      voiceProfilesKept: 5,
      voiceLookUps: tallyOf({ kept: 6, late: 1 }),
      hearings: 3,
      renderings: 4,
    };
    await clock.advance(2_500);
    const ours = [...samplesOf(await metrics.expose())].filter(([name]) => !/^(nodejs|process)_/.test(name));
    const histograms =
      /^((translation_latency|channel_duration|dragoman_\w+_(offset|latency|lag|lateness))_seconds|queue_wait_time)/;
    assert.deepEqual(
      new Map(
        ours.filter(([name, value]) => !histograms.test(name) && (value !== 0 || !FROM_ZERO.test(name))),
      ),
      new Map([
        ['translations_completed_total{outcome="spoken"}', 12],
        ['translations_completed_total{outcome="failed"}', 2],
        ['words_translated_total', 77],
        ['dragoman_interpreting_total{what="cache-hit"}', 3],
        ['dragoman_interpreting_total{what="cache-miss"}', 9],
        ['dragoman_interpreting_total{what="other"}', 1],
        ['translation_cache_hit_rate', 0.25],
        ['frames_processed_total{direction="in"}', 1_000],
        ['frames_processed_total{direction="out"}', 1_001],
        ['audio_bytes_processed_total{direction="in"}', 320_000],
        ['audio_bytes_processed_total{direction="out"}', 320_320],
        ['errors_total{component="stt",error_type="engine-died",severity="HIGH"}', 3],
        ['recoveries_total{component="interpreter",tier="hard",success="true"}', 2],
        ['recoveries_total{component="interpreter",tier="hard",success="false"}', 1],
        ['recoveries_total{component="mt",tier="failover",success="true"}', 5],
        ['dragoman_engine_lags_total{component="tts"}', 4],
        ['dragoman_voices_refused_total{engine="elevenlabs"}', 2],
        ['dragoman_utterances_uninterpreted_total{reason="no-interpreter"}', 6],
        ['dragoman_original_let_through_total{reason="behind"}', 2],
        ['dragoman_speaker_registers_total{what="known"}', 3],
        ['dragoman_speaker_registers_total{what="another"}', 0],
        ['success_rate', 1],
        ['dragoman_media_threads_hung_total', 0],
        ['dragoman_stray_errors_total', 0],
        ['dragoman_recognition_streams_replaced_total{error_type="engine-timeout"}', 2],
        ['dragoman_engine_audio_dropped_seconds_total', 2.5],
        ['dragoman_speech_made_up_total{reason="phrase"}', 4],
        ['dragoman_speech_made_up_total{reason="doubt"}', 1],
        ['active_channels', 3],
        ['service_uptime_seconds', 2.5],
        ['service_health', 0],
        ['dragoman_calls_active', 2],
        ['dragoman_legs{state="TRANSLATING"}', 2],
        ['dragoman_legs{state="RINGING"}', 1],
        ['dragoman_build_info{version="1.2.3"}', 1],
        ['dragoman_direction_served{source_lang="en",target_lang="es"}', 1],
        ['dragoman_direction_served{source_lang="es",target_lang="en"}', 0],
        ['dragoman_door_legs{door="audiosocket 127.0.0.1:5050"}', 3],
        ['dragoman_parties{language="en"}', 2],
        ['dragoman_parties{language="other"}', 1],
        ['dragoman_renderings{source_lang="en",target_lang="es"}', 2],
        ['dragoman_hearings_opened_total', 3],
        ['dragoman_renderings_opened_total', 4],
        ['dragoman_thread_seconds_total{thread="main"}', 1.5],
        ['dragoman_thread_seconds_total{thread="media-1"}', 0.25],
        [
          'dragoman_engine_operations_total{component="mt",engine="deepl",operation="translate",outcome="done"}',
          8,
        ],
        [
          'dragoman_engine_operations_total{component="mt",engine="deepl",operation="translate",outcome="failed"}',
          2,
        ],
        ['dragoman_engine_under_way{component="stt",engine="deepgram",operation="stream"}', 2],
        ['dragoman_engine_under_way{component="stt",engine="deepgram",operation="final"}', 1],
        ['dragoman_engine_under_way{component="s2s",engine="deepl-voice",operation="catch-up"}', 1],
        ['dragoman_engine_under_way{component="mt",engine="deepl",operation="translate"}', 2],
        ['dragoman_engine_under_way{component="tts",engine="xtts",operation="first-sound"}', 3],
        ['dragoman_engine_characters_total{component="mt",engine="deepl"}', 321],
        ['dragoman_engine_characters_total{component="tts",engine="xtts"}', 123],
        ['dragoman_engine_speech_seconds_total{component="stt",engine="deepgram"}', 4.5],
        ['voice_embedding_cache_size', 7],
        ['dragoman_voice_lookups_total{outcome="kept"}', 6],
        ['dragoman_voice_lookups_total{outcome="late"}', 1],
        ['queue_depth{queue="inbound"}', 3],
        ['queue_depth{queue="stt"}', 2],
        ['queue_depth{queue="mt"}', 2],
        ['queue_depth{queue="tts"}', 3],
        ['queue_depth{queue="playout"}', 4],
        ['dragoman_tempo_ratio', 1.25],
        ['dragoman_legs_limit', 100],
        ['dragoman_draining', 1],
        ['dragoman_media_threads', 4],
        ['dragoman_connections_accepted_total', 11],
        ['dragoman_connections_refused_total{reason="not-allowed"}', 4],
        ['dragoman_legs_ended_total{reason="peer-closed"}', 5],
        ['dragoman_agent_conversations_total{outcome="not-opened"}', 2],
        ['dragoman_agi_requests_total{outcome="registered"}', 6],
        ['dragoman_ari_phones_total{reason="hung-up"}', 2],
        ['dragoman_ari_dials_total{outcome="busy"}', 1],
        ['dragoman_ari_legs_replaced_total', 1],
        ['dragoman_ari_connected_total', 2],
        ['dragoman_ari_call_connections_total{kind="new"}', 4],
        ['dragoman_ari_troubles_total{kind="away"}', 1],
        ['dragoman_ari_requests_failed_total{request="originate"}', 1],
        ['dragoman_ari_lookups_total{outcome="found"}', 3],
        ['dragoman_ami_failed_total', 5],
        ['dragoman_ari_followed_total{what="another"}', 4],
        ['dragoman_ari_repairs_total{repair="phone-gone"}', 1],
        ['dragoman_queue_dropped_total{queue="socket"}', 0],
        ['dragoman_queue_dropped_total{queue="speech"}', 8],
        ['dragoman_queue_dropped_total{queue="inbound"}', 0],
        ['dragoman_queue_dropped_total{queue="live"}', 0],
        ['dragoman_queue_dropped_total{queue="live-late"}', 0],
        ['dragoman_queue_dropped_total{queue="playout"}', 0],
        ['dragoman_queue_dropped_total{queue="rejoin"}', 2],
        ['dragoman_queue_dropped_total{queue="asterisk"}', 0],
        ['dragoman_queue_dropped_total{queue="early"}', 26],
        ['dragoman_queue_dropped_total{queue="held"}', 27],
        ['dragoman_queue_dropped_total{queue="agent"}', 81],
        ['dragoman_queue_dropped_total{queue="relayed"}', 80],
        ['dragoman_agent_interruptions_total', 82],
        ['dragoman_voice_store_starts_total', 83],
        ['dragoman_event_listeners_failed_total', 84],
        ['dragoman_hold_frames_total', 85],
        ['dragoman_sound_missing_total{of="voice"}', 86],
        ['dragoman_sound_missing_total{of="translation"}', 87],
        ['dragoman_media_ticks_missed_total', 88],
        ['dragoman_rtp_streams_total', 89],
        ['dragoman_holds_total', 28],
        ['dragoman_traces_total{outcome="delivered"}', 32],
        ['dragoman_webhooks_total{outcome="delivered"}', 31],
        ['dragoman_webhooks_total{outcome="failed"}', 0],
        ['dragoman_webhooks_total{outcome="given-up"}', 0],
        ['dragoman_webhooks_total{outcome="dropped"}', 0],
        ['dragoman_records_total{what="record"}', 36],
        ['dragoman_records_total{what="transcript"}', 0],
        ['dragoman_records_total{what="record-lost"}', 0],
        ['dragoman_records_total{what="transcript-lost"}', 0],
        ['dragoman_records_forwarded_total{outcome="stored"}', 37],
        ['dragoman_summaries_total{outcome="written"}', 38],
        ['dragoman_recordings_active', 2],
        ['dragoman_listeners', 4],
        ['dragoman_listen_dropped_seconds_total', 2.5],
        ['dragoman_recording_bytes_total', 640],
        ['dragoman_recording_frames_dropped_total', 7],
        ['dragoman_recording_notes_dropped_total', 39],
        ['dragoman_recording_full', 1],
        ['dragoman_recording_full_total', 41],
        ['dragoman_recorder_failures_total', 2],
        ['dragoman_recorder_restarts_total', 1],
        ['dragoman_cluster_connected', 1],
        ['dragoman_cluster_members{state="up"}', 1],
        ['dragoman_cluster_members{state="draining"}', 1],
        ['dragoman_cluster_members{state="lost"}', 1],
        ['dragoman_cluster_members{state="left"}', 0],
        ['dragoman_cluster_members{state="joining"}', 0],
        ['dragoman_cluster_records', 3],
        ['dragoman_cluster_nodes_lost_total', 61],
        ['dragoman_cluster_adoptions_total', 62],
        ['dragoman_cluster_yielded_total', 63],
        ['dragoman_cluster_handovers_total{when="pause"}', 66],
        ['dragoman_cluster_handovers_total{when="midway"}', 67],
        ['dragoman_cluster_handovers_waiting_total', 70],
        ['dragoman_cluster_links_lost_total', 71],
        ['dragoman_cluster_messages_total{direction="out"}', 72],
        ['dragoman_cluster_messages_total{direction="in"}', 73],
        ['dragoman_cluster_records_told_total{what="told"}', 74],
        ['dragoman_cluster_records_told_total{what="cut"}', 75],
        ['dragoman_cluster_records_told_total{what="asked"}', 76],
        ['dragoman_cluster_records_told_total{what="unreadable"}', 77],
        ['dragoman_cluster_places_lost_total{why="too-many"}', 78],
        ['dragoman_cluster_places_lost_total{why="not-told"}', 79],
        ['dragoman_cluster_relayed_legs', 3],
        ['dragoman_cluster_legs_elsewhere_total{outcome="passed-on"}', 68],
        ['dragoman_cluster_messages_refused_total{why="unreadable"}', 69],
        ['dragoman_cluster_messages_unsent_total', 64],
        ['dragoman_cluster_records_dropped_total', 65],
        ['dragoman_rejoins_total{outcome="came-back"}', 3],
        ['dragoman_rejoins_total{outcome="stayed-away"}', 1],
        ['dragoman_party_changes_total{what="person"}', 2],
        ['dragoman_match_delay_seconds_total', 1.5],
        ['dragoman_party_resets_total{outcome="reset"}', 1],
        ['dragoman_frames_forgiven_total', 6],
        ['dragoman_frames_missing_total', 7],
        ['dragoman_playout_backlog_seconds', 1.5],
        ['dragoman_rtp_packets_total{what="lost"}', 21],
        ['dragoman_rtp_packets_total{what="late"}', 22],
        ['dragoman_rtp_packets_total{what="duplicate"}', 23],
        ['dragoman_rtp_packets_total{what="dropped"}', 24],
        ['dragoman_rtp_packets_total{what="made-up"}', 25],
        ['dragoman_rtp_refused_total{reason="unknown-source"}', 26],
        ['dragoman_rtp_held_seconds', 0.06],
        ['dragoman_cues_total', 2],
        ['dragoman_interruptions_total', 1],
        ['dragoman_media_restarts_total', 1],
        ['dragoman_illegal_transitions_total', 1],
        ['dragoman_dtmf_keys_total', 9],
        ['dragoman_log_lines_dropped_total', 7],
      ]),
    );
  });

  it('exports histograms that objects keep, added up from bound to bound, in the unit of their names', async () => {
    const { view, metrics } = start();
    const [pacing, inbound, playout] = [[0.5, 20], [1], [100]].map((bounds) => new BucketCounts(bounds));
    for (const lateMs of [0.2, 0.3, 1, 30.4]) {
      pacing?.add(lateMs);
    }
    inbound?.add(2);
    view.counts = { pacingLateness: pacing ?? 0, inboundWait: inbound ?? 0, playoutWait: playout ?? 0 };
    const text = await metrics.expose();
    const samples = samplesOf(text);
    const of = (name: string, ...labels: readonly string[]) =>
      labels.map((label) => samples.get(name + label));
    assert.deepEqual(
      of(
        'dragoman_pacing_lateness_seconds',
        '_bucket{le="0.0005"}',
        '_bucket{le="0.02"}',
        '_bucket{le="+Inf"}',
      ),
      [2, 3, 4],
    );
    assert.deepEqual(of('dragoman_pacing_lateness_seconds', '_count', '_sum'), [4, 0.0319]);
    const waits = 'queue_wait_time_milliseconds';
    assert.deepEqual(
      of(
        waits,
        '_bucket{le="1",queue="inbound"}',
        '_bucket{le="+Inf",queue="inbound"}',
        '_sum{queue="inbound"}',
      ),
      [0, 1, 2],
    );
    assert.equal(samples.get(`${waits}_count{queue="playout"}`), 0);
  });

  it('observes what engines take in calls, and neither failures nor how long streams were open', async () => {
    const { interpreting, metrics } = start();
    const engine = { component: 'mt', engine: 'deepl', code: undefined, fault: undefined } as const;
    interpreting.fire({ ...engine, operation: 'translate', outcome: 'done', ms: 120 });
    interpreting.fire({ ...engine, operation: 'translate', outcome: 'failed', ms: 9_000 });
    interpreting.fire({ ...engine, component: 'stt', operation: 'stream', outcome: 'done', ms: 60_000 });
    const text = await metrics.expose();
    const labels = '{component="mt",operation="translate"}';
    assert.match(text, new RegExp(`^component_latency_milliseconds_sum${labels} 120$`, 'm'));
    assert.match(
      text,
      /^dragoman_engine_latency_seconds_sum\{component="mt",engine="deepl",operation="translate"\} 0\.12$/m,
    );
    assert.equal(text.match(/_latency_(milliseconds|seconds)_count/g)?.length, 2);
  });

  it('has a zero for what never happened, without which its first time would not count', async () => {
    const { view, metrics } = start();
    const before = samplesOf(await metrics.expose());
    view.counts = { utterances: tallyOf({ failed: 1 }), recoverySteps: tallyOf({ 'mt failover true': 1 }) };
    const after = samplesOf(await metrics.expose());
    for (const name of [
      'translations_completed_total{outcome="failed"}',
      'recoveries_total{component="mt",tier="failover",success="true"}',
    ]) {
      assert.deepEqual([before.get(name), after.get(name)], [0, 1], name);
    }
  });

  it('counts on from scrape to scrape instead of adding totals up', async () => {
    const { view, metrics } = start();
    for (const framesIn of [100, 100, 250]) {
      view.counts = { framesIn };
      assert.equal(samplesOf(await metrics.expose()).get('frames_processed_total{direction="in"}'), framesIn);
    }
  });

  it('never counts back, nor twice after a total that fell for a moment', async () => {
    const { view, metrics } = start();
    const values: (number | undefined)[] = [];
    for (const framesIn of [100, 90, 110]) {
      view.counts = { framesIn };
      values.push(samplesOf(await metrics.expose()).get('frames_processed_total{direction="in"}'));
    }
    assert.deepEqual(values, [100, 100, 110]);
  });

  it('forgets states that hold no legs any more', async () => {
    const { view, metrics } = start();
    view.current = { ...IDLE, legsByState: new Map([['RINGING', 2]]) };
    await metrics.expose();
    view.current = { ...IDLE, legsByState: new Map([['CONNECTED', 2]]) };
    const samples = samplesOf(await metrics.expose());
    assert.equal(samples.get('dragoman_legs{state="RINGING"}') ?? 0, 0);
    assert.equal(samples.get('dragoman_legs{state="CONNECTED"}'), 2);
  });

  it('turns health into 0 to 3', async () => {
    const { state, metrics } = start();
    const values: (number | undefined)[] = [];
    for (const health of ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'FAILED'] as const) {
      state.health = health;
      values.push(samplesOf(await metrics.expose()).get('service_health'));
    }
    assert.deepEqual(values, [0, 1, 2, 3]);
  });

  it('has the share of utterances that were interpreted, and the health of each engine', async () => {
    const { state, interpreting, metrics } = start();
    state.utterances = 8;
    state.failures = 2;
    const engine = { component: 'mt', sinceMs: 0, operations: 9, failures: 9, bench: undefined } as const;
    interpreting.currentHealth = [
      { ...engine, engine: 'deepl', state: 'FAILED' },
      { ...engine, engine: 'apertium', state: 'HEALTHY' },
    ];
    const samples = samplesOf(await metrics.expose());
    assert.equal(samples.get('success_rate'), 0.75);
    assert.equal(samples.get('dragoman_engine_health{component="mt",engine="deepl"}'), 3);
    assert.equal(samples.get('dragoman_engine_health{component="mt",engine="apertium"}'), 0);
  });

  it('observes the latency of each stage that happened', async () => {
    const { view, metrics } = start();
    view.fire('c', utteranceOf('spoken'));
    const samples = samplesOf(await metrics.expose());
    const sum = (stage: string): number | undefined =>
      samples.get(`translation_latency_seconds_sum{source_lang="en",target_lang="es",stage="${stage}"}`);
    assert.deepEqual(['endpoint', 'stt', 'mt', 'tts', 'playout', 'end_to_end'].map(sum), [
      0.3,
      0.15,
      0.003,
      0.12,
      undefined,
      0.573,
    ]);
    const bucket = (bound: string): number | undefined =>
      samples.get(
        `translation_latency_seconds_bucket{le="${bound}",source_lang="en",target_lang="es",stage="end_to_end"}`,
      );
    assert.deepEqual(['0.32', '0.64', '12'].map(bucket), [0, 1, 1]);
  });

  it('leaves out the time of what was heard before the end of speech, but not how soon it was', async () => {
    const { view, metrics } = start();
    const early = utteranceOf('spoken');
    assert.ok(early.type === 'utterance');
    view.fire('c', {
      ...early,
      report: { ...early.report, startOffsetMs: 1_250, stages: { endToEndMs: -300 } },
    });
    const text = await metrics.expose();
    assert.doesNotMatch(text, /^translation_latency_seconds_count/m);
    assert.equal(samplesOf(text).get('dragoman_start_offset_seconds_sum'), 1.25);
  });

  it('observes the stages of each segment', async () => {
    const { view, metrics } = start();
    view.fire('c', spoken(1));
    view.fire('c', { ...spoken(1), stages: { mtMs: 120, ttsMs: 190, queueMs: 40 } });
    const samples = samplesOf(await metrics.expose());
    for (const [stage, sum] of [
      ['mt', 0.12],
      ['tts', 0.19],
      ['queue', 0.04],
    ] as const) {
      assert.equal(samples.get(`dragoman_segment_latency_seconds_sum{stage="${stage}"}`), sum);
      assert.equal(samples.get(`dragoman_segment_latency_seconds_count{stage="${stage}"}`), 1);
    }
  });

  it('has a hit rate of 0 before anything was looked up', async () => {
    const { metrics } = start();
    assert.equal(samplesOf(await metrics.expose()).get('translation_cache_hit_rate'), 0);
  });

  it('labels only languages of the configuration', async () => {
    const { view, metrics } = start();
    view.fire('c', utteranceOf('spoken', 'tlh', 'es'));
    const text = await metrics.expose();
    assert.doesNotMatch(text, /tlh/);
    assert.match(text, /source_lang="other",target_lang="es"/);
  });

  it('never exports what is said', async () => {
    const { view, metrics } = start();
    view.fire('c', utteranceOf('spoken'));
    assert.doesNotMatch(await metrics.expose(), /hello|hola/);
  });

  it('observes how long each leg lasted, and keeps nothing of calls that ended', async () => {
    const { view, metrics } = start();
    view.fire('c', partyState('a', 'RINGING', 0));
    view.fire('c', partyState('b', 'RINGING', 4_000));
    view.fire('c', partyState('a', 'CONNECTED', 4_000));
    view.fire('c', partyState('a', 'DISCONNECTED', 10_000));
    view.fire('c', partyState('a', 'DISCONNECTED', 10_000));
    view.fire('c', partyState('b', 'DISCONNECTED', 10_500));
    view.fire('c', ENDED);
    const samples = samplesOf(await metrics.expose());
    assert.equal(samples.get('channel_duration_seconds_count'), 2);
    assert.equal(samples.get('channel_duration_seconds_sum'), 16.5);
  });

  it('bounds the labels that tallies can make', async () => {
    const { view, metrics } = start();
    const reasons = Array.from({ length: 150 }, (_, index) => [`reason-${index}`, 1] as const);
    view.counts = { legsEnded: tallyOf(Object.fromEntries(reasons)) };
    const samples = samplesOf(await metrics.expose());
    const names = [...samples.keys()].filter((name) => name.startsWith('dragoman_legs_ended_total'));
    assert.equal(names.length, 101);
    assert.equal(samples.get('dragoman_legs_ended_total{reason="other"}'), 50);
  });

  it('watches no more once closed', () => {
    const { view, interpreting, metrics } = start();
    assert.deepEqual([view.watchers, interpreting.watchers], [1, 1]);
    metrics.close();
    metrics.close();
    assert.deepEqual([view.watchers, interpreting.watchers], [0, 0]);
  });
});
