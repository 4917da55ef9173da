/** Arrows, Home and End in a table: from the link of one row to that of another. Enter is the link's own. */

export function moveByKey(event: KeyboardEvent): void {
  const table = event.currentTarget;
  if (!(table instanceof HTMLElement)) {
    return;
  }
  const links = [...table.querySelectorAll<HTMLElement>('tbody tr a')];
  const at = links.findIndex((link) => link.matches(':focus'));
  const to = destination(event.key, at, links.length);
  if (to !== undefined) {
    event.preventDefault();
    links[to]?.focus();
  }
}

/** The row that a key leads to; undefined: it leads nowhere. @param at where one is; -1: at none. */
function destination(key: string, at: number, rows: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(rows - 1, at + 1);
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return rows - 1;
    default:
      return undefined;
  }
}
