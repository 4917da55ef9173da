/** Makes configuration unchangeable all the way down, so that whoever holds it can rely on it. */

import { AppError } from '../../base/errors.ts';

/** Freezes objects, arrays and maps in place, and what they hold; returns `value`. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) {
    return value;
  }
  if (value instanceof Map) {
    // Freezing a Map leaves its entries open: its writers must go too.
    Object.defineProperties(value, {
      set: { value: refuse },
      delete: { value: refuse },
      clear: { value: refuse },
    });
    for (const entry of value.values()) {
      deepFreeze(entry);
    }
  }
  Object.freeze(value);
  for (const member of Object.values(value)) {
    deepFreeze(member);
  }
  return value;
}

function refuse(): never {
  throw new AppError('closed', 'configuration does not change once it has been read');
}
