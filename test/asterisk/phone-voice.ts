/**
 * What a phone gives Asterisk to send: lines of speech one after the other, cut into packets of one length. A packet
 * in which a line ends goes on with the next line or with silence, as a real phone's does.
 */

export class PhoneVoice {
  readonly #packetSamples: number;
  readonly #sendsSilence: boolean;
  readonly #lines: Int16Array[] = [];
  /** Samples of the first line that have been taken. */
  #takenSamples = 0;

  constructor(packetSamples: number, whenQuiet: 'silence' | 'nothing') {
    this.#packetSamples = packetSamples;
    this.#sendsSilence = whenQuiet === 'silence';
  }

  /** Whether nothing is left to say. */
  get saidAll(): boolean {
    return this.#lines.length === 0;
  }

  /** Says `pcm` after the lines before it. Keeps the buffer. */
  add(pcm: Int16Array): void {
    if (pcm.length > 0) {
      this.#lines.push(pcm);
    }
  }

  /** The next packet, or undefined when a phone that suppresses silence has nothing to say. */
  next(): Int16Array | undefined {
    if (this.saidAll && !this.#sendsSilence) {
      return undefined;
    }
    const packet = new Int16Array(this.#packetSamples);
    let filled = 0;
    for (let line = this.#lines[0]; line !== undefined && filled < packet.length; line = this.#lines[0]) {
      const piece = line.subarray(this.#takenSamples, this.#takenSamples + packet.length - filled);
      packet.set(piece, filled);
      filled += piece.length;
      this.#takenSamples += piece.length;
      if (this.#takenSamples === line.length) {
        this.#lines.shift();
        this.#takenSamples = 0;
      }
    }
    return packet;
  }
}
