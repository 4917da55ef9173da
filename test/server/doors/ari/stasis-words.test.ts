import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stasisWords } from '../../../../src/server/doors/ari/stasis-words.ts';

const SET_UP = {
  extensions: new Map([['7777', { language: 'en', room: undefined }]]),
  languages: new Set(['en', 'fr-CA']),
};

describe('what Stasis() is given', () => {
  for (const [args, dialled, expected] of [
    ['', '7777', { type: 'extension', extension: '7777' }],
    ['en', '7777', { type: 'extension', extension: '7777' }],
    ['en,room,sales', '', { type: 'room', language: 'en', room: 'sales' }],
    ['fr,room,sales', '', { type: 'room', language: 'fr-CA', room: 'sales' }],
    [
      'en,call,PJSIP/bob,fr-CA',
      '9200',
      { type: 'call', language: 'en', endpoint: 'PJSIP/bob', calleeLanguage: 'fr-CA', ringS: 30 },
    ],
    [
      'en, call, PJSIP/00441@trunk, fr, 5',
      '9200',
      { type: 'call', language: 'en', endpoint: 'PJSIP/00441@trunk', calleeLanguage: 'fr-CA', ringS: 5 },
    ],
  ] as const) {
    it(`is understood: (${args}) for ${dialled}`, () => {
      assert.deepEqual(stasisWords(args === '' ? [] : args.split(','), dialled, SET_UP), expected);
    });
  }

  for (const [args, dialled, said] of [
    ['en', '8888', /none of --extensions/],
    ['fr', '7777', /--extensions says that en is spoken/],
    ['de,room,sales', '', /no language that is set up here \(en, fr-CA\)/],
    ['en,room,', '', /a room has a name/],
    ['en,room,a b', '', /a room has a name/],
    ['en,call', '', /whom to call is missing/],
    ['en,call,carol,fr', '', /whom to call is missing/],
    ['en,call,PJSIP/carol', '', /what who is called speaks is no language/],
    ['en,call,PJSIP/bob,fr,0', '', /number of seconds from 1 to 600/],
    ['en,call,PJSIP/bob,fr,soon', '', /number of seconds/],
    ['en,dance', '', /it knows "room" and "call"/],
  ] as const) {
    it(`is told what is wrong, and not what was dialled: (${args}) for ${dialled}`, () => {
      const words = stasisWords(args.split(','), dialled, SET_UP);
      assert.ok(words.type === 'wrong', JSON.stringify(words));
      assert.match(words.explanation, said);
      assert.ok(!words.explanation.includes('8888') && !words.explanation.includes('carol'));
    });
  }
});
