/**
 * Signed 16-bit little-endian PCM as base64, as providers put it in JSON. This machine is little-endian, as all that
 * Node runs on today are.
 */

export function toBase64(pcm: Int16Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}

/** The samples of `text`; half a sample at its end is left out. */
export function fromBase64(text: string): Int16Array {
  const bytes = Buffer.from(text, 'base64');
  const pcm = new Int16Array(Math.floor(bytes.length / 2));
  Buffer.from(pcm.buffer).set(bytes.subarray(0, pcm.byteLength));
  return pcm;
}
