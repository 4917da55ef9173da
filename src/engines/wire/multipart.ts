/**
 * A form with a file as the body of a request, its bytes not copied.
 */

import type { HttpAsk } from './http.ts';

/** One field; a file has a name and a type of its own. */
export type FormField =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly fileName: string;
      readonly type: string;
      readonly bytes: Uint8Array;
    };

/** What parts the fields; not to be found in sound or in a sentence by chance. */
const BOUNDARY = 'dragoman-4c9f0d7ab2e1-5d3a';

/** @param fields whose names, and those of files, have no quotes or line ends. */
export function multipartBody(fields: readonly FormField[]): Required<Pick<HttpAsk, 'body' | 'headers'>> {
  const body = fields.flatMap((field): readonly Uint8Array[] => {
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field.name}"`;
    return 'value' in field
      ? [Buffer.from(`${head}\r\n\r\n${field.value}\r\n`)]
      : [
          Buffer.from(`${head}; filename="${field.fileName}"\r\ncontent-type: ${field.type}\r\n\r\n`),
          field.bytes,
          Buffer.from('\r\n'),
        ];
  });
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: [...body, Buffer.from(`--${BOUNDARY}--\r\n`)],
  };
}
