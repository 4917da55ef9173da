/** The vendors of the harness, each behind a relay that can be broken, and where the server finds them. */

import { type ChaosScript, wordTexts } from './chaos-script.ts';
import {
  backupRecogniser,
  backupSynthesiser,
  backupTranslator,
  interpreter,
  KEY,
  LANGUAGES,
  recogniser,
  synthesiser,
  translator,
  type Vendor,
} from './coded-vendors.ts';
import type { VendorFault, VendorName } from './vendor-faults.ts';

export class ChaosVendors {
  readonly #vendors: ReadonlyMap<VendorName, Vendor>;

  private constructor(vendors: ReadonlyMap<VendorName, Vendor>) {
    this.#vendors = vendors;
  }

  static async open(script: ChaosScript): Promise<ChaosVendors> {
    const texts = wordTexts(script);
    return new ChaosVendors(
      new Map<VendorName, Vendor>([
        ['stt', await recogniser(texts)],
        ['stt-backup', await backupRecogniser(texts)],
        ['mt', await translator()],
        ['mt-backup', await backupTranslator()],
        ['tts', await synthesiser()],
        ['fused', await interpreter(texts)],
        ['tts-backup', await backupSynthesiser()],
      ]),
    );
  }

  /** What an operator would write to use them. */
  get environment(): Readonly<Record<string, string>> {
    const at = (name: VendorName): string => `127.0.0.1:${this.#vendors.get(name)?.relay.port}`;
    return {
      DEEPGRAM_API_KEY: KEY,
      DEEPGRAM_URL: `ws://${at('stt')}`,
      VOSK_URL: LANGUAGES.map((language) => `${language}=ws://${at('stt-backup')}`).join(','),
      DEEPL_API_KEY: KEY,
      DEEPL_URL: `http://${at('mt')}`,
      LIBRETRANSLATE_URL: `http://${at('mt-backup')}`,
      ELEVENLABS_API_KEY: KEY,
      ELEVENLABS_URL: `http://${at('tts')}`,
      OPENAI_SPEECH_URL: `http://${at('tts-backup')}`,
      OPENAI_API_KEY: KEY,
      OPENAI_REALTIME_URL: `ws://${at('fused')}/v1/realtime/translations`,
    };
  }

  async set(name: VendorName, fault: VendorFault | undefined): Promise<void> {
    const vendor = this.#vendors.get(name);
    switch (fault?.type) {
      case 'status':
      case 'garbage':
      case 'huge':
      case 'empty':
      case 'closed':
        await vendor?.answer(fault);
        break;
      default:
        await vendor?.answer(undefined);
        await vendor?.relay.set(fault);
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#vendors.values(), (vendor) => vendor.close()));
  }
}
