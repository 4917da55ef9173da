/**
 * The token of a request, as programs can send it: `Authorization: Bearer TOKEN`, or as the password of
 * `Authorization: Basic`, which is what Asterisk sends, whoever it names there.
 */

/** Undefined where there is none. */
export function presentedToken(authorization = ''): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic':
      return /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8'))?.[1];
    default:
      return undefined;
  }
}
