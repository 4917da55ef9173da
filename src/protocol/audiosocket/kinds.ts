/**
 * The kinds of AudioSocket messages, in which direction each may travel, and what each carries.
 *
 *     0        1                3
 *     +--------+--------+-------+----------- - - -
 *     |  kind  | length, 16 bit | payload, `length` bytes
 *     |        |   big-endian   |
 *     +--------+--------+-------+----------- - - -
 *
 * Audio is signed 16-bit little-endian mono PCM. Source: docs.asterisk.org, Configuration/Channel-Drivers/
 * AudioSocket, and Asterisk's res_audiosocket.c.
 */

/** Bytes before the payload: one of kind, two of length. */
export const HEADER_BYTES = 3;

/** Asks Asterisk to hang up its leg. Only a server sends it; Asterisk itself just closes the socket. */
export const KIND_HANGUP = 0x00;
/** 16 raw bytes, the first message on a connection. Asterisk to server. */
export const KIND_UUID = 0x01;
/**
 * No payload; between dragomans only, before the UUID: the leg is passed on by another node, and is to be passed on no
 * further. Asterisk never sends it.
 */
export const KIND_RELAYED = 0xfe;
/** One ASCII byte, a key of the caller's phone. Asterisk to server, since March 2025. */
export const KIND_DTMF = 0x03;
/** Documented, never sent by Asterisk; sent to Asterisk it kills the leg. */
export const KIND_ERROR = 0xff;

/** Bytes of a UUID payload. Any 16 bytes are a UUID: Asterisk does not check version bits. */
export const UUID_BYTES = 16;

/** Audio kinds, both directions, with the rate in Hz. 0x11 and up need Asterisk 20.17, 21.12, 22.7 or 23.1. */
export const AUDIO_KINDS = [
  { kind: 0x10, name: 'slin', rateHz: 8_000 },
  { kind: 0x11, name: 'slin12', rateHz: 12_000 },
  { kind: 0x12, name: 'slin16', rateHz: 16_000 },
  { kind: 0x13, name: 'slin24', rateHz: 24_000 },
  { kind: 0x14, name: 'slin32', rateHz: 32_000 },
  { kind: 0x15, name: 'slin44', rateHz: 44_100 },
  { kind: 0x16, name: 'slin48', rateHz: 48_000 },
  { kind: 0x17, name: 'slin96', rateHz: 96_000 },
  { kind: 0x18, name: 'slin192', rateHz: 192_000 },
] as const;

/** Audio payloads longer than this are refused: phones send 10 to 60 ms at a time. */
export const MAX_PAYLOAD_MS = 200;

/** The most bytes a 20 ms frame has: 192,000 Hz * 0.020 s * 2 bytes. */
export const MAX_FRAME_BYTES = 7_680;

/** By kind, which is a byte. Asked twice for each message, so it is no map. */
const RATE_BY_KIND: readonly (number | undefined)[] = Array.from(
  { length: 256 },
  (_, kind) => AUDIO_KINDS.find((row) => row.kind === kind)?.rateHz,
);
const KIND_BY_RATE: ReadonlyMap<number, number> = new Map(AUDIO_KINDS.map((row) => [row.rateHz, row.kind]));

/** The rate in Hz of an audio kind, or undefined when `kind` is not audio. */
export function rateOfKind(kind: number): number | undefined {
  return RATE_BY_KIND[kind];
}

/** The audio kind that carries `rateHz`, or undefined when none does. */
export function kindOfRate(rateHz: number): number | undefined {
  return KIND_BY_RATE.get(rateHz);
}

/** What Asterisk calls linear audio of `rateHz`: `slin16`; `slin` where no kind carries it. */
export function codecOfRate(rateHz: number): string {
  return AUDIO_KINDS.find((row) => row.rateHz === rateHz)?.name ?? 'slin';
}

/**
 * The longest audio payload taken at `rateHz`, in bytes: {@link MAX_PAYLOAD_MS} of it, or what the length field holds.
 */
export function maxPayloadBytes(rateHz: number): number {
  return Math.min(0xffff, (rateHz * MAX_PAYLOAD_MS * 2) / 1_000);
}

/** `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` of 16 raw bytes. */
export function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The 16 raw bytes of a UUID's text, or undefined when the text is none. */
export function parseUuid(text: string): Uint8Array | undefined {
  const hex = text.replaceAll('-', '');
  return /^[0-9a-f]{32}$/i.test(hex) ? Uint8Array.from(Buffer.from(hex, 'hex')) : undefined;
}
