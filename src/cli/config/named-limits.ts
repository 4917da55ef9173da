/** Settings that are several numbers under one name, as an operator writes them: `failures=5`, `bench=2`. */

import { AppError, messageOf } from '../../base/errors.ts';
import { type Reader, SettingProblems } from './setting.ts';

/** One number. What is written is `scale` times smaller than what is held. */
export interface NamedLimit<Limits> {
  readonly word: string;
  readonly holds: keyof Limits;
  readonly lowest: number;
  readonly highest: number;
  readonly unit: 'seconds' | 'ms' | '%' | '';
  readonly scale: number;
}

/** All that can be written under one name; what is left out is as `usual` says. */
export class NamedLimits<Limits extends Readonly<Record<keyof Limits, number>>> {
  readonly #limits: readonly NamedLimit<Limits>[];
  readonly #usual: Limits;
  readonly #contradictions: (limits: Limits) => readonly string[];

  /** @param contradictions what is wrong between two numbers that are each within their range. Default nothing. */
  constructor(
    limits: readonly NamedLimit<Limits>[],
    usual: Limits,
    contradictions: (limits: Limits) => readonly string[] = () => [],
  ) {
    this.#limits = limits;
    this.#usual = usual;
    this.#contradictions = contradictions;
  }

  /** The limits as they are when nobody writes any, as they would be written. */
  get usual(): readonly string[] {
    return this.#limits.map(({ word, holds, scale }) => `${word}=${Math.round(this.#usual[holds] / scale)}`);
  }

  readonly read: Reader<Limits> = (texts) => {
    let limits = this.#usual;
    const problems: string[] = [];
    for (const text of texts) {
      try {
        const [{ holds, scale }, value] = this.#parse(text);
        limits = { ...limits, [holds]: value * scale };
      } catch (error) {
        problems.push(messageOf(error));
      }
    }
    problems.push(...this.#contradictions(limits));
    if (problems.length > 0) {
      throw new SettingProblems(problems);
    }
    return limits;
  };

  /** @throws AppError `bad-option` */
  #parse(text: string): readonly [NamedLimit<Limits>, number] {
    const [word = '', written = ''] = text.split(/=(.*)/s);
    const limit = this.#limits.find((each) => each.word === word);
    if (limit === undefined) {
      const words = this.#limits.map((each) => each.word).join(', ');
      throw new AppError('bad-option', `"${text}" is no limit: write one of ${words}, "=" and a number`);
    }
    const { lowest, highest, unit } = limit;
    const value = Number(written);
    if (!/^\d+$/.test(written) || value < lowest || value > highest) {
      const number = unit === '' ? 'a number' : unit === '%' ? 'a share in %' : `a number of ${unit}`;
      throw new AppError(
        'bad-option',
        `"${text}" is out of range: ${number} from ${lowest} to ${highest} is meant`,
      );
    }
    return [limit, value];
  }
}
