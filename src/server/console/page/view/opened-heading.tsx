/** The heading of something that was opened: the keyboard, and who listens to the page, go on from here. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function OpenedHeading({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 id="opened" tabIndex={-1} ref={heading}>
      {children}
    </h2>
  );
}
