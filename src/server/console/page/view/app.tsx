/** The whole page: the line at the top, the part that the address names, and the keys that work everywhere. */

import { useEffect } from 'preact/hooks';
import { above } from '../state/route.ts';
import { CallList } from './call-list.tsx';
import { CallPage } from './call-page.tsx';
import { goTo, useConsole } from './console-context.tsx';
import { EndedList } from './ended-list.tsx';
import { EnginesPage } from './engines-page.tsx';
import { LoginForm } from './login-form.tsx';
import { NodesPage } from './nodes-page.tsx';
import { RecordPage } from './record-page.tsx';
import { RecordsPage } from './records-page.tsx';
import { ReplayPage } from './replay-page.tsx';
import { TopLine } from './top-line.tsx';

export function App() {
  const { route, link } = useConsole();
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const up = above(route.peek());
      if (event.key === 'Escape' && isField(event.target)) {
        // Out of the field first, so that nobody loses what was written.
        event.target.blur();
      } else if (event.key === 'Escape' && up !== undefined) {
        goTo(up);
      } else if (event.key === '/' && !isField(event.target)) {
        event.preventDefault();
        document.querySelector<HTMLElement>('.filter')?.focus();
      } else if (event.key === 'ArrowDown' && !isField(event.target) && !isInTable(event.target)) {
        const first = document.querySelector<HTMLElement>('tbody tr a');
        if (first !== null) {
          // Where there is no list, the key scrolls as ever.
          event.preventDefault();
          first.focus();
        }
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [route]);
  return (
    <>
      <TopLine />
      <main>{link.state.value.type === 'locked' ? <LoginForm /> : <Part />}</main>
    </>
  );
}

function Part() {
  const at = useConsole().route.value;
  switch (at.type) {
    case 'calls':
      return <CallList />;
    case 'call':
      return <CallPage id={at.id} />;
    case 'ended':
      return <EndedList />;
    case 'replay':
      return <ReplayPage id={at.id} />;
    case 'records':
      return <RecordsPage />;
    case 'record':
      return <RecordPage id={at.id} key={at.id} />;
    case 'engines':
      return <EnginesPage />;
    case 'nodes':
      return <NodesPage />;
  }
}

function isInTable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('table, [tabindex]') !== null;
}

function isField(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
