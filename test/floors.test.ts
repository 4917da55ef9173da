/**
 * The rules of the building: imports go down the floors only, and what touches the outside world (sockets, threads,
 * files, time, the environment) stays where it belongs. The sources are read as text, comments and the contents of
 * strings left out, so a rule sees code only.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const FLOORS = [
  'base',
  'protocol',
  'media',
  'engines',
  'voices',
  'interpret',
  'call',
  'cluster',
  'server',
  'client',
  'cli',
];
/** Beside `server`: a caller knows of it what goes over the wire. */
const CLIENT_FLOORS = ['base', 'protocol', 'media', 'call', 'client'];
const WORKER_FLOORS = ['base', 'protocol', 'media'];
/** A program for browsers: nothing of the server runs there. */
const PAGE = 'src/server/console/page/';

interface Line {
  /** `src/call/call.ts:12`. */
  readonly place: string;
  /** `src/call/call.ts`. */
  readonly file: string;
  /** `call`; `workers` for a thread's entry point. */
  readonly floor: string;
  /** What is written, without comments and contents of strings. */
  readonly code: string;
  /** What is imported on this line: `node:net`, `src/base/clock.ts`. */
  readonly imports: readonly string[];
}

const root = repositoryRoot();
const lines = ['src', 'workers'].flatMap((folder) => sourcesUnder(join(root, folder))).flatMap(linesOf);

describe('the floors', () => {
  it('are there to be read', () => {
    assert.ok(lines.length > 1_000, `only ${lines.length} lines of source are found in ${root}`);
    assert.ok(lines.flatMap(({ imports }) => imports).length > 100, 'imports are not recognised');
  });

  it('are the only folders of src', () => {
    none(({ floor }) => floor !== 'workers' && !FLOORS.includes(floor));
  });

  it('import the same floor or a lower one', () => {
    none(
      ({ floor, imports }) =>
        floor !== 'workers' && imports.some((target) => floorNumber(floorOf(target)) > floorNumber(floor)),
    );
  });

  it('import nothing of workers', () => {
    none(
      ({ floor, imports }) => floor !== 'workers' && imports.some((target) => target.startsWith('workers/')),
    );
  });

  it('let workers import base, protocol and media only', () => {
    none(
      ({ floor, imports }) =>
        floor === 'workers' &&
        imports.some((target) => target.startsWith('src/') && !WORKER_FLOORS.includes(floorOf(target))),
    );
  });

  it('let the client know of the wire and of calls only, and ask over HTTP as the engines do', () => {
    none(
      ({ floor, imports }) =>
        floor === 'client' &&
        imports.some(
          (target) =>
            target.startsWith('src/') &&
            !CLIENT_FLOORS.includes(floorOf(target)) &&
            !target.startsWith('src/engines/wire/'),
        ),
    );
  });

  it('have one client of HTTP', () => {
    only(['engines'], /^undici$/);
    none(({ file, code }) => !file.startsWith(PAGE) && /(?<![\w.#])fetch\s*\(/.test(code));
  });

  it('keep sockets in server, client and cli, in engines for their providers, in cluster for its broker', () => {
    only(
      ['engines', 'cluster', 'server', 'client', 'cli'],
      /^(node:(net|http|http2|https|dgram|tls)|fastify|ws)$/,
    );
  });

  it('keep databases where records and profiles are kept', () => {
    only(['server', 'voices'], /^pg$/);
  });

  it('keep the broker of the nodes where nodes are', () => {
    only(['cluster'], /^@nats-io\//);
  });

  it('keep threads in media and workers', () => {
    only(['media', 'workers'], /^(node:worker_threads|piscina)$/);
  });

  it('let the page of the console import itself and its packages, and of the rest types alone', () => {
    none(
      ({ file, imports, code }) =>
        file.startsWith(PAGE) &&
        imports.some((target) => !target.startsWith(PAGE) && !/^(preact|@preact\/signals)$/.test(target)) &&
        !/^import type\b/.test(code),
    );
  });

  it('let nobody import the page of the console', () => {
    none(({ file, imports }) => !file.startsWith(PAGE) && imports.some((target) => target.startsWith(PAGE)));
  });

  it('keep files out of protocol, media, interpret and call', () => {
    only(['base', 'engines', 'voices', 'server', 'client', 'cli', 'workers'], /^node:fs(\/promises)?$/);
  });
});

describe('the code', () => {
  it('reads the environment in cli only', () => {
    none(
      ({ floor, code, imports }) =>
        floor !== 'cli' && (/\bprocess\s*(\.\s*env\b|\[)/.test(code) || imports.includes('node:process')),
    );
  });

  it('reads time and sets timers in base/clock.ts only, and in a browser in its like', () => {
    none(
      ({ file, code, imports }) =>
        file !== 'src/base/clock.ts' &&
        file !== `${PAGE}link/browser-clock.ts` &&
        (/(?<![\w.#])(setTimeout|setInterval|setImmediate)\b|\bDate\s*\.\s*now\b|\bperformance\s*\.\s*now\b/.test(
          code,
        ) ||
          imports.some((target) => target.startsWith('node:timers'))),
    );
  });

  it('has no default exports', () => {
    none(({ code }) => /^\s*export\s+default\b|\bas\s+default\b/.test(code));
  });

  it('has no any', () => {
    none(({ code }) => /(?:[:<,|&(=]|\b(?:as|extends|readonly|keyof))\s*any\b(?!\s*[:(])/.test(code));
  });
});

/** Fails with the place of every line that breaks the rule. */
function none(breaks: (line: Line) => boolean): void {
  const places = lines.filter(breaks).map(({ place }) => place);
  assert.deepEqual(places, [], `against the rule: ${places.join(', ')}`);
}

/** Fails when a floor that is not of `floors` imports what `target` matches. */
function only(floors: readonly string[], target: RegExp): void {
  none(({ floor, imports }) => !floors.includes(floor) && imports.some((each) => target.test(each)));
}

function floorNumber(floor: string): number {
  return FLOORS.indexOf(floor);
}

/** The floor of `src/call/call.ts` is `call`; of a package it is none. */
function floorOf(path: string): string {
  const [top = '', floor = ''] = path.split('/');
  return top === 'src' ? floor : top === 'workers' ? 'workers' : '';
}

/** The sources lie next to package.json; this file may be compiled into a folder elsewhere. */
function repositoryRoot(): string {
  const compiled = dirname(fileURLToPath(import.meta.url));
  const candidates = [process.cwd(), compiled, resolve(compiled, '..'), resolve(compiled, '../..')];
  const found = candidates.find((folder) => existsSync(join(folder, 'src/base/clock.ts')));
  assert.ok(found !== undefined, `the sources are in none of ${candidates.join(', ')}`);
  return found;
}

function sourcesUnder(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
        .map((name) => join(folder, name))
        .sort()
    : [];
}

function linesOf(path: string): readonly Line[] {
  const file = relative(root, path);
  const source = readFileSync(path, 'utf8');
  const imports = importsOf(source, path);
  return codeOnly(source)
    .split('\n')
    .map((code, index) => ({
      place: `${file}:${index + 1}`,
      file,
      floor: floorOf(file),
      code,
      imports: imports.get(index) ?? [],
    }));
}

/** What a source imports or exports from elsewhere, also for types and in `import()`, by index of the line. */
function importsOf(source: string, path: string): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  const code = codeOnly(source);
  // Contents of strings are blank in `code` but of the same length, so places agree with `source`.
  for (const match of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"`])( *)\1/g)) {
    const end = match.index + match[0].lastIndexOf(match[1] ?? '');
    const target = source.slice(end - (match[2] ?? '').length, end);
    const index = source.slice(0, match.index).split('\n').length - 1;
    const name = target.startsWith('.') ? relative(root, resolve(dirname(path), target)) : packageOf(target);
    found.set(index, [...(found.get(index) ?? []), name]);
  }
  return found;
}

/** `piscina` of `piscina/dist/x`; Node's own modules stay whole. */
function packageOf(target: string): string {
  const parts = target.split('/');
  return target.startsWith('node:') ? target : parts.slice(0, target.startsWith('@') ? 2 : 1).join('/');
}

/**
 * The source with comments and the contents of strings replaced by spaces, of the same length. What a template
 * puts in with `${}` is code and stays.
 */
function codeOnly(source: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return source.replace(token, (text) => {
    if (text.startsWith('/')) {
      return blank(text);
    }
    const inside = text.slice(1, -1);
    const kept = text.startsWith('`')
      ? inside.replace(/\$\{([^{}]*)\}|[^\n]/g, (part, code?: string) =>
          code === undefined ? blank(part) : `  ${code} `,
        )
      : blank(inside);
    return text.charAt(0) + kept + text.charAt(0);
  });
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
