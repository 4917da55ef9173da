/**
 * The variables of the environment by which an operator sets a provider up. An adapter declares its own; what is read,
 * the help and the samples come from that. They have the names their providers gave them, without our prefix.
 */

import { AppError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { parseServerUrl } from '../base/values.ts';

export interface Variable<Value> {
  readonly name: string;
  /** Whether it is a key, which may also be in a file that `<name>_FILE` names. */
  readonly secret: boolean;
  /** One line for the operator. */
  readonly help: string;
  /** Reads what is written; blanks around it are gone. @throws AppError `bad-option`, never quoting a secret. */
  readonly parse: (text: string) => Value;
}

/** By what their values are called in the settings of the engine. */
export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** What is told of a provider; it is set up when the value that it needs is there. */
export interface Provider<Each extends Variables = Variables, Needs extends keyof Each = keyof Each> {
  readonly needs: Needs;
  readonly variables: Each;
}

type ValueOf<Of> = Of extends Variable<infer Value> ? Value : never;

/** The values of a provider that is set up. */
export type SetUp<Of> =
  Of extends Provider<infer Each, infer Needs>
    ? { readonly [Name in Needs]: ValueOf<Each[Name]> } & {
        readonly [Name in Exclude<keyof Each, Needs>]?: ValueOf<Each[Name]>;
      }
    : never;

export function provider<Each extends Variables, Needs extends keyof Each>(
  needs: Needs,
  variables: Each,
): Provider<Each, Needs> {
  return { needs, variables };
}

export function variable<Value>(name: string, parse: (text: string) => Value, help: string): Variable<Value> {
  return { name, parse, help, secret: false };
}

export function keyVariable(name: string, help: string): Variable<Secret> {
  return { name, parse: parseKey, help, secret: true };
}

export function modelVariable(name: string): Variable<string> {
  return variable(name, parseModel, 'its model, where it is not the usual one');
}

/** The address of a server of HTTP. */
export const parseHttpUrl = parseServerUrl(
  ['https', 'http'],
  'https://api.example.com or http://10.0.0.7:8000',
);

/** What a key is made of: it goes into a header. */
const KEY = /^[\x21-\x7e]+$/;
const MODEL = /^[\w.:/@-]+$/;

export function parseModel(text: string): string {
  if (!MODEL.test(text)) {
    throw new AppError(
      'bad-option',
      'it is no name of a model: write it as the provider does, without blanks',
    );
  }
  return text;
}

function parseKey(text: string): Secret {
  if (!KEY.test(text)) {
    throw new AppError(
      'bad-option',
      'it is no key, for it has blanks, line ends or letters that no key has: copy it again',
    );
  }
  return new Secret(text);
}
