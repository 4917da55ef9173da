/**
 * Work that is done once for all who ask: who asks meanwhile waits for the same answer. A failure is forgotten, so that
 * the next who asks has it tried again.
 */

export class Once<T> {
  readonly #work: () => Promise<T>;
  #answer: Promise<T> | undefined;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  /** The answer that there is or is on its way, or that of new work. @throws what the work throws. */
  get(): Promise<T> {
    if (this.#answer === undefined) {
      const answer = this.#work();
      this.#answer = answer;
      answer.catch(() => this.forget(answer));
    }
    return this.#answer;
  }

  /** What has been answered, or is being, without asking. */
  get known(): Promise<T> | undefined {
    return this.#answer;
  }

  /** Lets the next who asks have it done again; not if `answer` is another's by now. */
  forget(answer: Promise<T> | undefined = this.#answer): void {
    if (this.#answer === answer) {
      this.#answer = undefined;
    }
  }
}
