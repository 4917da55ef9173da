/**
 * The table that records are kept in, beside their files, and how it comes to be: each migration once and in order, by
 * whichever process comes first. A migration that has been let out is never changed; what is to be otherwise is another.
 * Columns are what people ask for in a `where`; the record has the rest.
 */

/** In order; the first is version 1. */
const MIGRATIONS: readonly string[] = [
  `create table dragoman_calls (
     call text primary key,
     linkedid text,
     started timestamptz not null,
     answered timestamptz,
     ended timestamptz not null,
     duration_s double precision not null,
     disposition text not null,
     languages text[] not null,
     reason text not null,
     cost numeric,
     currency text,
     record jsonb not null
   );
   create index dragoman_calls_started on dragoman_calls (started);
   create index dragoman_calls_linkedid on dragoman_calls (linkedid);
   create view dragoman_legs as
     select calls.call, calls.started, party->>'party' as party, leg->>'door' as door, leg->>'reason' as reason,
       (leg->>'startMs')::double precision / 1000 as start_s, (leg->>'endMs')::double precision / 1000 as end_s,
       leg
     from dragoman_calls calls,
       jsonb_array_elements(calls.record->'parties') party,
       jsonb_array_elements(party->'legs') leg;`,
  // A call that went on at another node has a record of each part, told apart by how often it had gone on by then.
  `alter table dragoman_calls add column resumed int not null default 0;
   alter table dragoman_calls drop constraint dragoman_calls_pkey;
   alter table dragoman_calls add primary key (call, resumed);`,
];

/** What of the world nobody else locks: the first letters of dragoman. */
const LOCK = 0x64726167;

/** Brings the database to the latest version; nothing where it is there. */
export const MIGRATE: readonly string[] = [
  'begin',
  `select pg_advisory_xact_lock(${LOCK})`,
  'create table if not exists dragoman_schema (version int primary key, applied timestamptz not null default now())',
  `do $migrations$ begin
   ${MIGRATIONS.map(
     (migration, index) => `if not exists (select from dragoman_schema where version = ${index + 1}) then
       ${migration}
       insert into dragoman_schema (version) values (${index + 1});
     end if;`,
   ).join('\n')}
   end $migrations$`,
  'commit',
];

/** Records, as one array of JSON; those that are there already stay as they are. */
export const INSERT = `
  insert into dragoman_calls
    (call, linkedid, started, answered, ended, duration_s, disposition, languages, reason, cost, currency, record,
     resumed)
  select r->>'call', r->>'linkedid', (r->>'startedAt')::timestamptz, (r->>'answeredAt')::timestamptz,
    (r->>'endedAt')::timestamptz, (r->>'durationMs')::double precision / 1000,
    case when r->>'answeredAt' is null then 'NO ANSWER' else 'ANSWERED' end,
    array(select jsonb_array_elements_text(r->'languages')), r->'end'->>'reason',
    (r->'cost'->>'amount')::numeric, r->'cost'->>'currency', r,
    coalesce((r->>'resumed')::int, 0)
  from jsonb_array_elements($1::jsonb) r
  on conflict do nothing`;

export const DELETE_CALL = 'delete from dragoman_calls where call = $1';
/** A day begins where that of the files does, whatever the database takes its own time to be. */
export const DELETE_BEFORE = "delete from dragoman_calls where ended < $1::timestamp at time zone 'UTC'";
