/** Where the installer promises to put things, below the root of the machine. */

export const YAML = 'etc/dragoman/dragoman.yaml';
export const KEYS = 'etc/dragoman/keys.env';
export const UNIT = 'etc/systemd/system/dragoman.service';
export const LAUNCHER = 'usr/local/bin/dragoman';
export const LIBRARY = 'usr/local/lib/dragoman';
export const SHARE = 'usr/local/share/dragoman';
export const MAN_PAGE = 'usr/local/share/man/man1/dragoman.1';
export const COMPLETION = 'usr/local/share/bash-completion/completions/dragoman';
