/**
 * The answers of a stand-in, which a test can hold back as those of a server that is behind, and let go in their order.
 */
export class AnswerGate {
  readonly #held: (() => void)[] = [];
  #holding = false;

  /** Gives `answer` now, or when the gate opens again. */
  pass(answer: () => void): void {
    if (this.#holding) {
      this.#held.push(answer);
    } else {
      answer();
    }
  }

  hold(): void {
    this.#holding = true;
  }

  open(): void {
    this.#holding = false;
    for (const answer of this.#held.splice(0)) {
      answer();
    }
  }
}
