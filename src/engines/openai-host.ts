/** Whether an address is OpenAI's own: servers of one's own speak its interfaces, too. */

/** @param host host and port, or the host alone. */
export function isOpenai(host: string): boolean {
  return /(?:^|\.)openai\.com(?::\d+)?$/i.test(host);
}
