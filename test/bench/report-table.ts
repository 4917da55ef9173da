/**
 * Tables for people: columns as wide as their widest cell, the first to the left, the others to the right.
 */

/** The text of a table with a line under its head. Rows may be shorter than the head. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** A number for a table, with `digits` decimals and separated thousands; `-` when there is none. */
export function cell(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) {
    return '-';
  }
  // Adding zero makes a negative zero positive.
  const rounded = Number(value.toFixed(digits)) + 0;
  return rounded.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
