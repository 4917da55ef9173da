/**
 * Where the files of a call lie: by day, then by the moment and by what the call is called where it is shown. Neither a
 * number nor a name of a person is in it.
 */

/** An absolute path below `directory`: `2026/11/28/20261128T151000Z-5f0c…`, in UTC. */
export function callFolder(directory: string, startedAt: Date, shownId: string): string {
  const written = startedAt.toISOString();
  const [year, month, day] = written.slice(0, 10).split('-');
  const moment = written.slice(0, 19).replaceAll(/[-:]/g, '');
  return [directory, year, month, day, `${moment}Z-${shownId}`].join('/');
}
