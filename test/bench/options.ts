/** How the bench's numbers are written on the command line. */

import { InvalidArgumentError } from 'commander';

/** Reads a whole number. */
export function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads whole numbers with commas. */
export function wholesFrom(least: number, most: number): (text: string) => readonly number[] {
  const read = wholeFrom(least, most);
  return (text) => text.split(',').map(read);
}
