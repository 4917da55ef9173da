/** Speaks OpenAI's chat API over loopback, and keeps what it was asked. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { listen } from '../support/ports.ts';

const REQUEST = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.enum(['system', 'user']), content: z.string() })),
});

export type ChatRequest = z.infer<typeof REQUEST>;

export class ChatServer {
  readonly asked: ChatRequest[] = [];
  /** What authorised each request. */
  readonly keys: (string | undefined)[] = [];
  /** What comes next in place of a summary: a status, for each request one. */
  readonly refusals: number[] = [];
  /** What it says. */
  answer: (request: ChatRequest) => string = () => 'A call.';
  /** It says so when this has come to pass. */
  readyToAnswer: Promise<unknown> = Promise.resolve();
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async open(test: TestContext): Promise<ChatServer> {
    const server = new ChatServer();
    server.#port = await listen(server.#server);
    test.after(() => server.close());
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    this.keys.push(request.headers.authorization);
    const asked = REQUEST.parse(JSON.parse(Buffer.concat(chunks).toString()));
    this.asked.push(asked);
    await this.readyToAnswer;
    const refusal = this.refusals.shift();
    response.writeHead(refusal ?? 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        refusal === undefined
          ? {
              id: 'chatcmpl-1',
              object: 'chat.completion',
              choices: [
                {
                  index: 0,
                  message: { role: 'assistant', content: this.answer(asked) },
                  finish_reason: 'stop',
                },
              ],
            }
          : { error: { message: 'no', type: 'invalid_request_error', code: 'invalid_api_key' } },
      ),
    );
  }
}
