/** What has been started, to be ended in the opposite order, also when the start fails half-way. */

export class Closers {
  readonly #closers: (() => void | Promise<void>)[] = [];

  /** Adds what ends something that has just started. */
  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /**
   * Ends everything, newest first, one after the other; what fails to end does not keep the rest from it.
   * @throws the first failure, after all have been tried.
   */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
