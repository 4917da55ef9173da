/** A button that asks once more, in the same place, before it does what hurts. Leaving it takes the question back. */

import { useSignal } from '@preact/signals';

interface SureButtonProps {
  readonly words: string;
  /** What is asked, without its question mark. */
  readonly sureWords: string;
  /** What it is done to, for who does not see where the button stands; undefined: the words say it. */
  readonly of?: string;
  readonly act: () => void;
}

export function SureButton({ words, sureWords, of, act }: SureButtonProps) {
  const asked = useSignal(false);
  return (
    <button
      type="button"
      class={asked.value ? 'grave sure' : 'grave'}
      aria-label={asked.value || of === undefined ? undefined : `${words}: ${of}`}
      onClick={() => {
        if (asked.peek()) {
          act();
        }
        asked.value = !asked.peek();
      }}
      onBlur={() => {
        asked.value = false;
      }}
    >
      {asked.value ? `${sureWords}?` : words}
    </button>
  );
}
