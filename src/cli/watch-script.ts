/**
 * What watches over this process from beside it: a shell, which needs no native module, less than 4 MB and next to no
 * processor. Each line that it reads says that our loop turns. It kills us when none has come for too long, so that whoever
 * waits for us sees that we are gone, and tells systemd that we live for as long as lines come.
 */

/**
 * For bash 4 and later: fractions of a second with `read -t`. Its arguments: how long one look takes, in s; after how many
 * looks without a line its parent is killed, 0: never; how many lines make one word to systemd, beginning
 * with the first, 0: none.
 *
 * A machine that stands still makes one look longer, not more of them, and so is no reason to kill anybody. Nor is a
 * processor that is wanted by too many, nor a slow disk: while any of our threads has run, waits to run or for a disk (proc(5):
 * `utime`, `stime`, states R and D; the main one may wait for another that does), a look counts a quarter. Killed for that,
 * a node would leave its calls to others that are as busy.
 * The first look finds what ran before we stood still: 3 quarters are allowed for it.
 */
export const WATCH_SCRIPT = `
look=$1 most=$(($2 * 4 - 3)) every=$3 silent=0 lines=0 ran=0
while :; do
  line=yes
  IFS= read -r -t "$look" _ || { [ $? -gt 128 ] || exit 0; line=no; }
  stat=
  read -r stat 2>/dev/null <"/proc/$PPID/stat"
  set -- \${stat##*) }
  before=$ran ran=$((\${12:-0} + \${13:-0}))
  if [ $line = yes ]; then
    silent=0 lines=$((lines + 1))
    if [ "$every" -gt 0 ] && [ $(( (lines - 1) % every )) -eq 0 ]; then
      systemd-notify WATCHDOG=1 2>/dev/null &
    fi
    continue
  fi
  ready=no
  for task in /proc/$PPID/task/*/stat; do
    read -r stat 2>/dev/null <"$task"
    case \${stat##*) } in R* | D*) ready=yes ;; esac
  done
  if [ $ready = yes ] || [ "$ran" -ne "$before" ]; then silent=$((silent + 1)); else silent=$((silent + 4)); fi
  if [ "$most" -gt 0 ] && [ "$silent" -ge "$most" ]; then
    echo "dragoman stands still, its main thread in state $1: it is killed, and its calls go on at another node" >&2
    kill -KILL "$PPID"
    exit 0
  fi
done`;
