/** Tables for people at a terminal. */

import { shownText } from '../base/shown-text.ts';
import { columnsOf, padColumns } from '../base/shown-width.ts';

/**
 * The rows as lines, columns below each other, two spaces between them. The first row has all columns. What breaks lines
 * in a cell, such as a party's name, is spelled out.
 */
export function textTable(written: readonly (readonly string[])[]): readonly string[] {
  const rows = written.map((row) => row.map(shownText));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => columnsOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => padColumns(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
