/**
 * The whole environment of every program an engine starts: nothing of ours reaches it, secrets least of all,
 * and text is UTF-8 wherever we run.
 */

export const CHILD_ENVIRONMENT: Readonly<Record<string, string>> = {
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
};
