/**
 * Everything that `src` exports has a user: somebody in `src` or `workers`, its own file included. The rest is dead
 * freight that only its tests keep alive. And what nobody outside its file imports, no test either, is not exported;
 * types may be, because they say what a file's other exports take and give. Members of classes are held to the same by name.
 */

import assert from 'node:assert/strict';
import { dirname, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { readSources, type Source } from './support/sources.ts';
import { REPOSITORY } from './systemd/repository.ts';

/** What tests alone may use, and why. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'src/media/ring/frame-ring.ts allocateFrameRing':
    'a ring in memory of its own, where a leg has all of its rings in one piece',
  'src/protocol/audiosocket/asterisk-encoder.ts encodeDtmf':
    'the other half of what the decoder reads; the client presses no keys',
};

/** Members of classes that tests alone use, and why. */
const MEMBERS_FOR_TESTS: Readonly<Record<string, string>> = {
  'DrivenClock pendingTimers': 'whether a closed object left a timer behind',
  'DrivenClock nextDeadlineMs': 'to fire one timer late, by so much',
  'DragomanServer mediaPool': 'to kill a thread of a whole server',
  'MediaPool killThread': 'the death of a thread, which nothing else brings about when it is wanted',
  'RecorderProcess onClosed': 'when the files of a call are whole',
  'ApertiumEngine groupIds': 'to kill and to stop processes, as machines do',
  ...{ 'PocketsphinxEngine processIds': 'as above', 'SherpaSttEngine processIds': 'as above' },
  'SherpaTtsEngine processIds': 'as above',
};
/** Members that a library or the language asks for by name. */
const ASKED_FOR = ['Secret toJSON', 'KeptHistogram getForPromString'];

interface Exported {
  /** `src/base/clock.ts Clock`. */
  readonly name: string;
  readonly isType: boolean;
  readonly isClass: boolean;
  readonly usedInside: boolean;
}

const sources = readSources('src', 'workers');
const exported = sources.filter(({ file }) => file.startsWith('src/')).flatMap(exportsOf);
const importedBySources = new Set(sources.flatMap(importsOf));
const importedByTests = new Set(readSources('test').flatMap(importsOf));

describe('what src exports', () => {
  it('is there to be read', () => {
    assert.ok(exported.length > 500, `only ${exported.length} exports are found`);
    assert.ok(importedBySources.size > 500, `only ${importedBySources.size} imports are found`);
    assert.ok(importedByTests.size > 300, `only ${importedByTests.size} imports of tests are found`);
  });

  it('is used by somebody who is no test', () => {
    none(
      ({ name, usedInside }) => !usedInside && !importedBySources.has(name) && FOR_TESTS[name] === undefined,
    );
  });

  it('is not exported when nobody imports it', () => {
    none(({ name, isType }) => !isType && !importedBySources.has(name) && !importedByTests.has(name));
  });

  it('has one class of each name', () => {
    const names = exported.filter(({ isClass }) => isClass).map(({ name }) => name.split(' ').at(-1));
    assert.ok(names.length > 200, `only ${names.length} classes are found`);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it('is kept for tests only where nobody else has come to use it', () => {
    none(
      ({ name, usedInside }) => FOR_TESTS[name] !== undefined && (usedInside || importedBySources.has(name)),
    );
    const names = exported.map(({ name }) => name);
    assert.deepEqual(
      Object.keys(FOR_TESTS).filter((name) => !names.includes(name)),
      [],
    );
  });
});

describe('what classes and interfaces have', () => {
  it('is named by somebody who is no test', () => {
    const words = new Map<string, number>();
    for (const [word] of sources.flatMap(({ text }) => [...text.matchAll(/[A-Za-z_]\w*/g)])) {
      words.set(word, (words.get(word) ?? 0) + 1);
    }
    const members = sources.flatMap(membersOf);
    assert.ok(members.length > 3_000, `only ${members.length} members are found`);
    const declared = new Map<string, number>();
    for (const { name } of members) {
      declared.set(name, (declared.get(name) ?? 0) + 1);
    }
    // By name alone: what has the name of something that is used passes.
    const unused = members.filter(({ name }) => words.get(name) === declared.get(name));
    assert.deepEqual(
      unused.map(({ of, name }) => `${of} ${name}`).toSorted(),
      [...Object.keys(MEMBERS_FOR_TESTS), ...ASKED_FOR].toSorted(),
    );
  });
});

function none(isWrong: (one: Exported) => boolean): void {
  assert.deepEqual(
    exported.filter(isWrong).map(({ name }) => name),
    [],
  );
}

function exportsOf({ file, text }: Source): readonly Exported[] {
  const declarations = text.matchAll(
    /^export (?:async )?(?:abstract )?(function\*?|class|const|let|interface|type) (\w+)/gm,
  );
  return [...declarations].map(([, kind, name = '']) => ({
    name: `${file} ${name}`,
    isType: kind === 'interface' || kind === 'type',
    isClass: kind === 'class',
    usedInside: (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1,
  }));
}

function membersOf({ text }: Source): readonly { readonly of: string; readonly name: string }[] {
  const bodies = text.matchAll(/^(?:export )?(?:abstract )?(?:class|interface) (\w+)[\s\S]*?^\}/gm);
  return [...bodies].flatMap(([body, of = '']) =>
    [
      ...body.matchAll(
        /^ {2}(?:static |readonly |async |get |set |override |protected |abstract |\*)*([A-Za-z_]\w*)\??(?=[(<:]| =|;)/gm,
      ),
    ]
      .map(([, name = '']) => ({ of, name }))
      .filter(({ name }) => name !== 'constructor'),
  );
}

/**
 * `src/base/clock.ts Clock` for each name that it imports; all names of a file that it imports whole, or when needed.
 */
function importsOf({ file, text }: Source): readonly string[] {
  const target = (path: string): string => relative(REPOSITORY, resolve(REPOSITORY, dirname(file), path));
  const names: string[] = [];
  for (const [, list = '', path = ''] of text.matchAll(
    /^(?:import|export)(?: type)? \{([^}]*)\} from '(\.[^']+)'/gm,
  )) {
    for (const entry of list.split(',')) {
      const name = /^\s*(?:type )?(\w+)/.exec(entry)?.[1];
      if (name !== undefined) {
        names.push(`${target(path)} ${name}`);
      }
    }
  }
  for (const [, path = ''] of text.matchAll(/(?:import\(|^import \* as \w+ from )'(\.[^']+)'/gm)) {
    const whole = sources.find((source) => source.file === target(path));
    names.push(...(whole === undefined ? [] : exportsOf(whole)).map(({ name }) => name));
  }
  return names;
}
